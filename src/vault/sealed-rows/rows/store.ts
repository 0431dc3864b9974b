// Rows of the tables that tables.ts lists, as their MACs see them.
import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import type { ProtectedRow } from '../row-mac.ts'
import type { SealedTable } from '../tables.ts'

/** Names rows by the values of some of their columns. */
export type RowFilter = Readonly<Record<string, string | null>>

// The digits of bytes depend on a setting of the database unless they are encoded here.
const asText = (column: string, { bytes }: SealedTable): RawBuilder<unknown> =>
  bytes.includes(column) ? sql`encode(${sql.ref(column)}, 'hex')` : sql`${sql.ref(column)}::text`

function select(table: SealedTable): RawBuilder<ProtectedRow> {
  const content = sql.join(table.columns.map((column) => asText(column, table)))
  return sql`select ${sql.ref(table.key)}::text as key, json_build_array(${content}) as content, mac
    from ${sql.table(table.table)}`
}

/** All rows of a table. */
export async function listRows(db: DbOrTx, table: SealedTable): Promise<ProtectedRow[]> {
  const { rows } = await sql<ProtectedRow>`${select(table)}`.execute(db)
  return rows
}

/** The MACs of all rows: a small part of what `listRows` reads. */
export async function listMacs(
  db: DbOrTx,
  { table, key }: SealedTable,
): Promise<Array<Pick<ProtectedRow, 'key' | 'mac'>>> {
  const { rows } = await sql<Pick<ProtectedRow, 'key' | 'mac'>>`
    select ${sql.ref(key)}::text as key, mac from ${sql.table(table)}`.execute(db)
  return rows
}

/** The rows that match, locked against changes until the transaction ends, in id order. */
export async function lockRows(
  tx: Tx,
  table: SealedTable,
  filter: RowFilter,
): Promise<ProtectedRow[]> {
  // In the columns' own types, so that their indexes serve.
  const conditions = Object.entries(filter).map(([column, value]) =>
    value === null ? sql`${sql.ref(column)} is null` : sql`${sql.ref(column)} = ${value}`,
  )
  const { rows } = await sql<ProtectedRow>`${select(table)}
    where ${sql.join(conditions, sql` and `)}
    order by ${sql.ref(table.key)} for no key update`.execute(tx)
  return rows
}

export async function findRows(
  db: DbOrTx,
  table: SealedTable,
  keys: readonly string[],
): Promise<ProtectedRow[]> {
  const { rows } = await sql<ProtectedRow>`${select(table)}
    where ${sql.ref(table.key)} = any(${keys}::${sql.raw(`${table.keyType}[]`)})`.execute(db)
  return rows
}

/**
 * The next rows after `after`, locked; skips rows that another transaction has locked, and those
 * whose MAC begins with `prefix`.
 */
export async function lockRowsExcept(
  tx: Tx,
  table: SealedTable,
  prefix: Buffer,
  after: string | undefined,
  limit: number,
): Promise<ProtectedRow[]> {
  const key = sql.ref(table.key)
  const since = after === undefined ? sql`true` : sql`${key} > ${after}::${sql.raw(table.keyType)}`
  const { rows } = await sql<ProtectedRow>`/* planned anew */
    ${select(table)}
    where ${since} and mac is not null
      and substring(mac from 1 for ${prefix.length}) <> ${prefix}
    order by ${key} limit ${limit} for no key update skip locked`.execute(tx)
  return rows
}

/** How many rows have a MAC that does not begin with `prefix`, besides those with these keys. */
export async function countRowsExcept(
  db: DbOrTx,
  table: SealedTable,
  prefix: Buffer,
  keys: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select count(*)::int as rows from ${sql.table(table.table)}
    where mac is not null and substring(mac from 1 for ${prefix.length}) <> ${prefix}
      and ${sql.ref(table.key)} <> all(${keys}::${sql.raw(`${table.keyType}[]`)})`.execute(db)
  return rows[0]?.rows ?? 0
}

/** Changes that column only: reconciliation relies on `updated_at`. */
export async function updateMacs(
  tx: Tx,
  { table, key, keyType }: SealedTable,
  macs: ReadonlyArray<{ readonly key: string; readonly mac: Buffer }>,
): Promise<void> {
  const keys = sql`${macs.map((row) => row.key)}::${sql.raw(`${keyType}[]`)}`
  await sql`/* planned anew */
    update ${sql.table(table)} as kept set mac = fresh.mac
    from unnest(${keys}, ${macs.map(({ mac }) => mac)}::bytea[]) as fresh (key, mac)
    where kept.${sql.ref(key)} = fresh.key`.execute(tx)
}

/**
 * Until the transaction ends, no other one changes or locks a row of these tables; reading goes on.
 * Gives up before Postgres looks for deadlocks, so that no other transaction is ended for this one.
 * @throws the driver's error with the code `55P03` when it had to wait for too long
 */
export async function lockTables(tx: Tx, tables: readonly string[]): Promise<void> {
  await sql`set local lock_timeout = '500ms'`.execute(tx)
  const names = sql.join(tables.map((table) => sql.table(table)))
  await sql`lock table ${names} in exclusive mode`.execute(tx)
}
