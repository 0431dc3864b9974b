import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { MigrationFile } from './migration-files.ts'

export interface LockRetry {
  /**
   * How long a file waits for a lock. Queries on the same table queue behind it for as long, orders
   * included.
   */
  readonly lockTimeoutMs: number
  /** Pause between two attempts at a file. */
  readonly pauseMs: number
  readonly attempts: number
}

/**
 * Runs one file and records it as done: in one transaction, unless it builds indexes concurrently.
 * @throws Error that names the file; of a failed file only concurrently built indexes remain
 */
export async function runMigration(
  client: pg.Client,
  file: MigrationFile,
  retry: LockRetry,
): Promise<void> {
  try {
    if (file.indexes === undefined) await runWithRetries(client, file, retry)
    else await buildIndexes(client, file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown cause'
    throw new Error(`The migration ${file.name} failed: ${reason}`, { cause: error })
  }
}

async function runWithRetries(
  client: pg.Client,
  file: MigrationFile,
  { lockTimeoutMs, pauseMs, attempts }: LockRetry,
): Promise<void> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await runInTransaction(client, file, lockTimeoutMs)
    } catch (error) {
      if (!isLockConflict(error)) throw error
      if (left <= 0)
        throw new Error(
          `another session held a lock that it needs, at each of ${attempts} attempts. ` +
            `${await describeOldestTransaction(client)} ` +
            'End that session or wait for it, and run the migrations again: the earlier ones stay.',
          { cause: error },
        )
    }
    // Lets the queries that queued behind this attempt go first.
    await pause(pauseMs)
  }
}

async function runInTransaction(
  client: pg.Client,
  file: MigrationFile,
  lockTimeoutMs: number,
): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`)
    await client.query(file.text)
    await recordDone(client, file)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Builds indexes while orders go on: waits for every open transaction, and blocks none. */
async function buildIndexes(client: pg.Client, file: MigrationFile): Promise<void> {
  for (const { name, statement } of file.indexes ?? []) {
    const { rowCount: invalid } = await client.query(
      'select from pg_index where indexrelid = to_regclass($1) and not indisvalid',
      [name],
    )
    // An interrupted build leaves an invalid index, which slows every write and serves no read.
    if (invalid !== 0) await client.query(`drop index concurrently if exists ${name}`)
    await client.query(statement)
  }
  await recordDone(client, file)
}

async function recordDone(client: pg.Client, { name }: MigrationFile): Promise<void> {
  await client.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
    name,
    new Date().toISOString(),
  ])
}

// lock_not_available and deadlock_detected
function isLockConflict(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01')
  )
}

async function describeOldestTransaction(client: pg.Client): Promise<string> {
  const {
    rows: [oldest],
  } = await client.query<{ pid: number; name: string; seconds: number }>(`
    select pid, application_name as name,
      round(extract(epoch from now() - xact_start))::int as seconds
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
    order by xact_start limit 1`)
  if (oldest === undefined) return 'No transaction is open any more that this role may see.'
  const name = oldest.name === '' ? '' : ` (${oldest.name})`
  return `The oldest open transaction: pid ${oldest.pid}${name}, for ${oldest.seconds} s.`
}
