import { sql, type RawBuilder } from 'kysely'
import { advisoryLocks } from '../db/advisory-locks.ts'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import { prefixOf } from './seal.ts'
import type { SealedColumn } from './sealed-columns.ts'

/** Keeps what is there already. */
export async function insertSecret(db: Db, name: string, sealed: Buffer): Promise<void> {
  await db
    .insertInto('vault_secrets')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findSecret(db: DbOrTx, name: string): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('vault_secrets')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.sealed
}

/** Until the transaction's end nobody else decides with which key he seals, nor that a key is no longer used. */
export async function lockRings(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.rings})`.execute(tx)
}

/** Held until the connection ends. @returns false when another process holds it */
export async function tryLockRotation(connection: Db): Promise<boolean> {
  const { rows } = await sql<{
    taken: boolean
  }>`select pg_try_advisory_lock(${advisoryLocks.rotation}) as taken`.execute(connection)
  return rows[0]?.taken === true
}

/** A key as this database knows it. */
export interface KnownKey {
  readonly id: string
  /** Sealed with the key itself; null: not made yet. */
  readonly canary: Buffer | null
  readonly isInUse: boolean
}

export async function listKeys(db: DbOrTx): Promise<KnownKey[]> {
  return db
    .selectFrom('vault_keys')
    .select(['id', 'canary', 'in_use as isInUse'])
    .orderBy('first_seen_at')
    .orderBy('id')
    .execute()
}

export async function upsertKey(tx: Tx, id: string, canary: Buffer): Promise<void> {
  await tx
    .insertInto('vault_keys')
    .values({ id, canary, in_use: false })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ canary }))
    .execute()
}

/** As if it had never been seen. */
export async function deleteKey(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('vault_keys').where('id', '=', id).execute()
}

export async function setInUse(tx: Tx, ids: readonly string[], isInUse: boolean): Promise<void> {
  await tx
    .updateTable('vault_keys')
    .set({ in_use: isInUse })
    .where(sql<boolean>`id = any(${ids})`)
    .where('in_use', '!=', isInUse)
    .execute()
}

/** A process that runs: which keys it has, and with which it seals since when. */
export interface KeyHolder {
  readonly processId: string
  readonly name: string
  readonly keys: readonly string[]
  readonly sealingKey: string | null
  readonly sealingSince: Date
  /** Since it confirmed itself. */
  readonly silentMs: number
}

// Processes confirm themselves every two seconds, and one that could not for ten seals nothing more: see keep-keys.ts. What
// it sealed before that has begun its transaction by now.
const isAlive = sql<boolean>`seen_at > now() - interval '20 seconds'`

/** Those that were heard of lately. */
export async function listHolders(db: DbOrTx): Promise<KeyHolder[]> {
  return db
    .selectFrom('vault_processes')
    .select([
      'process_id as processId',
      'name',
      'keys',
      'sealing_key as sealingKey',
      'sealing_since as sealingSince',
      sql<number>`(extract(epoch from now() - seen_at) * 1000)::float8`.as('silentMs'),
    ])
    .where(isAlive)
    .orderBy('name')
    .execute()
}

/**
 * Confirms what a process decided last. Waits for nobody, so that who decides does not keep others from being seen.
 * @returns false when it was left out meanwhile, or something else is known of it: it has to decide anew
 */
export async function confirmHolder(
  db: Db,
  processId: string,
  sealingKey: string | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('vault_processes')
    .set({ seen_at: sql<Date>`now()` })
    .where('process_id', '=', processId)
    .where('sealing_key', 'is not distinct from', sealingKey)
    .where(isAlive)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Also forgets those that have been gone for a day. */
export async function upsertHolder(
  tx: Tx,
  { processId, name, keys, sealingKey }: Omit<KeyHolder, 'sealingSince' | 'silentMs'>,
): Promise<void> {
  const values = { name, keys: [...keys], sealing_key: sealingKey, seen_at: sql<Date>`now()` }
  await tx
    .insertInto('vault_processes')
    .values({ process_id: processId, ...values })
    .onConflict((conflict) =>
      conflict.column('process_id').doUpdateSet({
        ...values,
        sealing_since: sql`case when vault_processes.sealing_key is distinct from excluded.sealing_key then now() else vault_processes.sealing_since end`,
      }),
    )
    .execute()
  await tx
    .deleteFrom('vault_processes')
    .where(sql<boolean>`seen_at < now() - interval '1 day'`)
    .execute()
}

export async function deleteHolder(db: Db, processId: string): Promise<void> {
  await db.deleteFrom('vault_processes').where('process_id', '=', processId).execute()
}

/** The time now, not when the transaction began. */
export async function timeNow(db: DbOrTx): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db)
  return rows[0]?.at ?? new Date()
}

/**
 * How many sessions there are of processes that take orders and are of a release that did not make known with which keys it
 * works. Those named themselves "kontor"; since then they are "kontor-serve".
 */
export async function countSilentReleases(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'kontor'`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

/** How many transactions of a Kontor are at work that began before a second after `at`: what they write may have been sealed before. */
export async function countEarlierTransactions(db: DbOrTx, at: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`/* planned anew */
    select count(*)::int + (now() < ${at}::timestamptz + interval '1 second')::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name in ('kontor', 'kontor-serve') and xact_start < ${at}::timestamptz + interval '1 second'`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

// From the first bytes alone, so that what is long is not read to its end.
const keyIdOf = (sealed: RawBuilder<unknown>) =>
  sql`case when ${sealed} is null then null when length(${sealed}) > 2 then encode(substring(${sealed} from 3 for get_byte(substring(${sealed} from 1 for 2), 1)), 'escape') else '' end`

/** How many values of a window there are per key, and where the next one begins: undefined when this was the last. */
export interface CountedWindow {
  readonly counts: Readonly<Record<string, number>>
  readonly next: string | undefined
}

/** Counts the keys of the next rows of a column. Only the key ids are read, and only sums come back. */
export async function countWindow(
  db: DbOrTx,
  { table, column, key, keyType }: SealedColumn,
  after: string | undefined,
  limit: number,
): Promise<CountedWindow> {
  const since: RawBuilder<unknown> =
    after === undefined ? sql`true` : sql`${sql.ref(key)} > ${after}::${sql.raw(keyType)}`
  const { rows } = await sql<{
    last: string | null
    size: number
    counts: Record<string, number>
  }>`/* planned anew */
    with part as materialized (select ${sql.ref(key)} as at, ${keyIdOf(sql.ref(column))} as id from ${sql.table(table)} where ${since} order by ${sql.ref(key)} limit ${limit})
    select (select at::text from part order by at desc limit 1) as last, (select count(*)::int from part) as size,
      coalesce((select jsonb_object_agg(id, n) from (select id, count(*)::int as n from part where id is not null group by id) as each), '{}') as counts`.execute(
    db,
  )
  const [row] = rows
  return {
    counts: row?.counts ?? {},
    next: row !== undefined && row.size === limit ? (row.last ?? undefined) : undefined,
  }
}

/** One sealed value of a row. `row` and `owner` are what its place names. */
export interface SealedRow {
  readonly key: string
  readonly row: string
  readonly owner: string
  /** With which key it is sealed; null where the row has no value. */
  readonly keyId: string | null
  /** Null where there is none, or it is sealed with the key that was left out. */
  readonly sealed: Buffer | null
}

/**
 * The next rows of a column in the order of their keys, whether they hold a value or not. A window of the table, not a search
 * in it: each query takes milliseconds, however long the table is and however little is found.
 * @param except  the key whose values are not read, only counted
 */
export async function listSealed(
  db: DbOrTx,
  { table, column, key, keyType, row, owner }: SealedColumn,
  except: string,
  after: string | undefined,
  limit: number,
): Promise<SealedRow[]> {
  const [of, at, sealed] = [sql.table(table), sql.ref(key), sql.ref(column)]
  const since: RawBuilder<unknown> =
    after === undefined ? sql`true` : sql`${at} > ${after}::${sql.raw(keyType)}`
  const prefix = prefixOf(except)
  const { rows } = await sql<SealedRow>`/* planned anew */
    select ${at}::text as key, ${sql.ref(row)}::text as row, ${owner === undefined ? sql`''` : sql`${sql.ref(owner)}::text`} as owner, ${keyIdOf(sealed)} as "keyId",
      case when substring(${sealed} from 1 for ${prefix.length}) <> ${prefix} then ${sealed} end as sealed
    from ${of} where ${since} order by ${at} limit ${limit}`.execute(db)
  return rows
}

export interface Rewrapped {
  readonly key: string
  readonly before: Buffer
  readonly after: Buffer
}

/**
 * Puts new values for those that are still the same. A row that somebody has locked is left out, so that this waits for
 * nobody and nobody for it but a moment; one that was changed since it was read stays as it is. Only that column: when the
 * row was changed is what others go by.
 * @returns how many were put
 */
export async function replaceSealed(
  db: DbOrTx,
  { table, column, key, keyType }: SealedColumn,
  rows: readonly Rewrapped[],
): Promise<number> {
  const [of, sealed] = [sql.table(table), sql.ref(column)]
  const keys = sql`${rows.map((row) => row.key)}::${sql.raw(`${keyType}[]`)}`
  const { rows: done } = await sql`/* planned anew */
    with free as (select ${sql.ref(key)} as key from ${of} where ${sql.ref(key)} = any(${keys}) for no key update skip locked)
    update ${of} as kept set ${sealed} = fresh.after
    from free join unnest(${keys}, ${rows.map(({ before }) => before)}::bytea[], ${rows.map(({ after }) => after)}::bytea[]) as fresh (key, before, after) on fresh.key = free.key
    where kept.${sql.ref(key)} = free.key and kept.${sealed} = fresh.before
    returning 1`.execute(db)
  return done.length
}
