// Sealed values in the columns of all tables: counting, reading and replacing them.
import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import { newestFormat, prefixOf } from '../seal.ts'
import { boundColumns, type BoundRow, type SealedColumn } from '../sealed-columns.ts'

// Reads the first bytes only, so that Postgres does not fetch a long value as a whole.
const keyIdOf = (sealed: RawBuilder<unknown>) =>
  sql`case when ${sealed} is null then null
    when length(${sealed}) > 2 then encode(
      substring(${sealed} from 3 for get_byte(substring(${sealed} from 1 for 2), 1)), 'escape')
    else '' end`

// The first digest key's digests do not name it.
const digestKeyIdOf = (digest: RawBuilder<unknown>) =>
  sql`case when length(${digest}) = 32 then '1' else ${keyIdOf(digest)} end`

/**
 * How many values of a batch are sealed with each key, and after which row the next batch begins:
 * undefined when this was the last batch.
 */
export interface BatchCount {
  readonly counts: Readonly<Record<string, number>>
  readonly next: string | undefined
}

/** Counts the next rows of a column by key. Reads only the key ids and returns only sums. */
export async function countBatch(
  db: DbOrTx,
  { table, column, key, keyType }: SealedColumn,
  after: string | undefined,
  limit: number,
  holds: 'values' | 'digests' = 'values',
): Promise<BatchCount> {
  const since: RawBuilder<unknown> =
    after === undefined ? sql`true` : sql`${sql.ref(key)} > ${after}::${sql.raw(keyType)}`
  const keyId = (holds === 'values' ? keyIdOf : digestKeyIdOf)(sql.ref(column))
  const { rows } = await sql<{
    last: string | null
    size: number
    counts: Record<string, number>
  }>`/* planned anew */
    with part as materialized (
      select ${sql.ref(key)} as at, ${keyId} as id from ${sql.table(table)}
      where ${since} order by ${sql.ref(key)} limit ${limit})
    select (select at::text from part order by at desc limit 1) as last,
      (select count(*)::int from part) as size,
      coalesce((
        select jsonb_object_agg(id, n) from (
          select id, count(*)::int as n from part where id is not null group by id) as each
      ), '{}') as counts`.execute(db)
  const [row] = rows
  return {
    counts: row?.counts ?? {},
    next: row !== undefined && row.size === limit ? (row.last ?? undefined) : undefined,
  }
}

/** One sealed value of a row, with the parts of its AAD. */
export interface SealedRow extends BoundRow {
  readonly key: string
  /** The key that it is sealed with; null where the row has no value. */
  readonly keyId: string | null
  /** Null where the row has no value, or one that is excluded. */
  readonly sealed: Buffer | null
}

/** Which values a walk leaves out: those under one key, or those in the newest format. */
export type Excluded = { readonly keyId: string } | 'newest format'

function isWanted(sealed: RawBuilder<unknown>, excluded: Excluded): RawBuilder<unknown> {
  const prefixes =
    excluded === 'newest format'
      ? [Buffer.of(newestFormat)]
      : [prefixOf(excluded.keyId, 1), prefixOf(excluded.keyId, newestFormat)]
  const ofOthers = prefixes.map(
    (prefix) => sql`substring(${sealed} from 1 for ${prefix.length}) <> ${prefix}`,
  )
  return sql.join(ofOthers, sql` and `)
}

/**
 * The next rows of a column in the order of their keys, with or without a value. Reads a range of
 * the table instead of searching it: each query takes milliseconds, however long the table is and
 * however few values match.
 */
export async function listSealed(
  db: DbOrTx,
  sealedColumn: SealedColumn,
  excluded: Excluded,
  after: string | undefined,
  limit: number,
): Promise<SealedRow[]> {
  const { table, column, key, keyType, row, owner, version } = sealedColumn
  const [of, at, sealed] = [sql.table(table), sql.ref(key), sql.ref(column)]
  const ownerText = owner === undefined ? sql`''` : sql`${sql.ref(owner)}::text`
  const versionNumber = version === undefined ? sql`0` : sql.ref(version)
  const bound = sql.join(boundColumns(sealedColumn).map((name) => sql.ref(name)))
  const since: RawBuilder<unknown> =
    after === undefined ? sql`true` : sql`${at} > ${after}::${sql.raw(keyType)}`
  const { rows } = await sql<SealedRow>`/* planned anew */
    select ${at}::text as key, ${sql.ref(row)}::text as row, ${ownerText} as owner,
      ${versionNumber} as version, jsonb_build_array(${bound}) as bound,
      ${keyIdOf(sealed)} as "keyId",
      case when ${isWanted(sealed, excluded)} then ${sealed} end as sealed
    from ${of} where ${since} order by ${at} limit ${limit}`.execute(db)
  return rows
}

export interface Rewrapped {
  readonly key: string
  readonly before: Buffer
  /** Null: the row has no value any more. */
  readonly after: Buffer | null
}

/**
 * Replaces the values that have not changed since they were read. Skips rows that another
 * transaction has locked, so that it waits for no order and delays orders for a moment only.
 * Changes that column only: reconciliation relies on `updated_at`.
 * @returns how many values it replaced
 */
export async function replaceSealed(
  db: DbOrTx,
  { table, column, key, keyType }: SealedColumn,
  rows: readonly Rewrapped[],
): Promise<number> {
  const [of, at, sealed] = [sql.table(table), sql.ref(key), sql.ref(column)]
  const keys = sql`${rows.map((row) => row.key)}::${sql.raw(`${keyType}[]`)}`
  const [before, after] = [rows.map((row) => row.before), rows.map((row) => row.after)]
  const { rows: done } = await sql`/* planned anew */
    with free as (
      select ${at} as key from ${of} where ${at} = any(${keys}) for no key update skip locked)
    update ${of} as kept set ${sealed} = fresh.after
    from free
    join unnest(${keys}, ${before}::bytea[], ${after}::bytea[]) as fresh (key, before, after)
      on fresh.key = free.key
    where kept.${at} = free.key and kept.${sealed} = fresh.before
    returning 1`.execute(db)
  return done.length
}

/** Those of the columns that have a value in some row. */
export async function listFilled<Column extends Pick<SealedColumn, 'table' | 'column'>>(
  db: DbOrTx,
  columns: readonly Column[],
): Promise<Column[]> {
  const filled = columns.map(
    ({ table, column }) =>
      sql`exists (select from ${sql.table(table)} where ${sql.ref(column)} is not null)`,
  )
  const {
    rows: [row],
  } = await sql<{ filled: boolean[] }>`select array[${sql.join(filled)}] as filled`.execute(db)
  return columns.filter((_, at) => row?.filled[at])
}
