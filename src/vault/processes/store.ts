// The running processes, their heartbeats and the keys that they hold.
import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'

/** A running process, the keys it holds, and the key it seals with since `sealingSince`. */
export interface KeyHolder {
  readonly processId: string
  readonly name: string
  readonly keys: readonly string[]
  readonly sealingKey: string | null
  readonly sealingSince: Date
  /** What it seals in; null: it is of a release that reads format 1 only. */
  readonly format: number | null
  /** The tables whose rows it gives MACs; none for a process of 0.2.0. */
  readonly sealedTables: readonly string[]
  /** The newest digest key that it knows; null: it is of a release that knows the first only. */
  readonly newestDigestKey: number | null
  /** The key that it makes digests with. */
  readonly digestKey: number | null
  /** Time since its last heartbeat. */
  readonly silentMs: number
}

// Processes send a heartbeat every two seconds, and a process without one for ten seconds seals
// nothing more (live-key-ring.ts). After twenty seconds, the transactions of all that it sealed
// have begun.
const isAlive = sql<boolean>`seen_at > now() - interval '20 seconds'`

/** The processes with a heartbeat within the last twenty seconds. */
export async function listHolders(db: DbOrTx): Promise<KeyHolder[]> {
  return db
    .selectFrom('vault_processes')
    .select([
      'process_id as processId',
      'name',
      'keys',
      'sealing_key as sealingKey',
      'sealing_since as sealingSince',
      'value_format as format',
      'sealed_tables as sealedTables',
      'newest_digest_key as newestDigestKey',
      'digest_key as digestKey',
      sql<number>`(extract(epoch from now() - seen_at) * 1000)::float8`.as('silentMs'),
    ])
    .where(isAlive)
    .orderBy('name')
    .execute()
}

/**
 * The heartbeat: confirms the sealing key that a process chose last. Takes no lock on the key
 * rings, so that a process which holds that lock does not delay the heartbeats of the others.
 * @returns false when the process has expired or its row names another key: it must choose again
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

/** Also deletes processes without a heartbeat for a day. */
export async function upsertHolder(
  tx: Tx,
  {
    processId,
    name,
    keys,
    sealingKey,
    format,
    sealedTables,
    newestDigestKey,
    digestKey,
  }: Omit<KeyHolder, 'sealingSince' | 'silentMs'>,
): Promise<void> {
  const values = {
    name,
    keys: [...keys],
    sealing_key: sealingKey,
    seals_rows: true,
    sealed_tables: [...sealedTables],
    value_format: format,
    newest_digest_key: newestDigestKey,
    digest_key: digestKey,
    seen_at: sql<Date>`now()`,
  }
  await tx
    .insertInto('vault_processes')
    .values({ process_id: processId, ...values })
    .onConflict((conflict) =>
      conflict.column('process_id').doUpdateSet({
        ...values,
        sealing_since: sql`case
          when vault_processes.sealing_key is distinct from excluded.sealing_key then now()
          else vault_processes.sealing_since end`,
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

/** The current time of the database, not the time at which the transaction began. */
export async function timeNow(db: DbOrTx): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db)
  return rows[0]?.at ?? new Date()
}

/**
 * Counts the sessions of server processes of a release that does not publish its keys. Those
 * releases use the application name "kontor"; later ones use "kontor-serve".
 */
export async function countSessionsOfEarlierReleases(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'kontor'`.execute(db)
  return rows[0]?.count ?? 0
}

/**
 * Counts the sessions of server processes whose transactions this role cannot see, because they
 * have another role.
 */
export async function countHiddenSessions(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'kontor-serve'
      and not pg_has_role(usesysid, 'usage')
      and not pg_has_role('pg_read_all_stats', 'usage')`.execute(db)
  return rows[0]?.count ?? 0
}

/** A session with an open transaction, as pg_stat_activity shows it to this role. */
export interface OpenTransaction {
  /** The process id of its server process. */
  readonly backend: number
  readonly application: string
  /** Null: it came over a socket of the server's machine. */
  readonly address: string | null
  /** When the transaction began. */
  readonly since: Date
  /** Such as `idle in transaction`. */
  readonly state: string
}

const openTransaction = sql`pid as backend, application_name as application,
  host(client_addr) as address, xact_start as since, coalesce(state, 'unknown') as state`

/**
 * Kontor's open transactions that began earlier than a second after `at`: they may yet write
 * values that were sealed before `at`. `isTooEarly`: that second is not over.
 */
export async function listEarlierTransactions(
  db: DbOrTx,
  at: Date,
): Promise<{ readonly open: readonly OpenTransaction[]; readonly isTooEarly: boolean }> {
  const { rows } = await sql<OpenTransaction>`/* planned anew */
    select ${openTransaction} from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and application_name in ('kontor', 'kontor-serve')
      and xact_start < ${at}::timestamptz + interval '1 second'
    order by xact_start`.execute(db)
  const now = await timeNow(db)
  return { open: rows, isTooEarly: now.getTime() < at.getTime() + 1_000 }
}

/** Transactions of any program on this database that began longer ago than that. */
export async function listLongTransactions(db: DbOrTx, ms: number): Promise<OpenTransaction[]> {
  const { rows } = await sql<OpenTransaction>`/* planned anew */
    select ${openTransaction} from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and xact_start < now() - ${ms} * interval '1 millisecond'
    order by xact_start limit 20`.execute(db)
  return rows
}

/** Processes of the last day that have missed two heartbeats and did not end in order. */
export async function listSilentProcesses(
  db: DbOrTx,
): Promise<Array<{ readonly name: string; readonly seenAt: Date }>> {
  return db
    .selectFrom('vault_processes')
    .select(['name', 'seen_at as seenAt'])
    .where(sql<boolean>`seen_at < now() - interval '5 seconds'`)
    .orderBy('seen_at')
    .execute()
}
