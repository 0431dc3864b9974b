import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { MigrationFile } from './migration-files.ts'

export interface Patience {
  /** How long a file waits for a lock. So long at most waits whoever comes behind it: every order, if it is a table of theirs. */
  readonly lockMs: number
  /** Between two tries of a file. */
  readonly pauseMs: number
  readonly tries: number
}

/**
 * Runs one file and notes that it was run, in one transaction if it is not one of indexes.
 * @throws Error with a sentence that names the file; then nothing of it is left but indexes
 */
export async function runMigration(
  client: pg.Client,
  file: MigrationFile,
  patience: Patience,
): Promise<void> {
  try {
    if (file.indexes === undefined) await runPatiently(client, file, patience)
    else await buildIndexes(client, file)
  } catch (error) {
    throw new Error(
      `The migration ${file.name} failed: ${error instanceof Error ? error.message : 'unknown cause'}`,
      { cause: error },
    )
  }
}

async function runPatiently(
  client: pg.Client,
  file: MigrationFile,
  { lockMs, pauseMs, tries }: Patience,
): Promise<void> {
  for (let left = tries - 1; ; left--) {
    try {
      return await runWhole(client, file, lockMs)
    } catch (error) {
      if (!isInTheWay(error)) throw error
      if (left <= 0)
        throw new Error(
          `somebody else holds a lock that it needs, and did ${tries} times. ${await reportOldest(client)} End what is in the way, or wait for it, and start again: what was migrated before stays.`,
          { cause: error },
        )
    }
    // Those who stood behind us go first.
    await pause(pauseMs)
  }
}

async function runWhole(client: pg.Client, file: MigrationFile, lockMs: number): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockMs}`)
    await client.query(file.text)
    await note(client, file)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Orders go on while these are built. It waits for every transaction that is open, without anybody waiting for it. */
async function buildIndexes(client: pg.Client, file: MigrationFile): Promise<void> {
  for (const { name, statement } of file.indexes ?? []) {
    const { rowCount: leftovers } = await client.query(
      'select from pg_index where indexrelid = to_regclass($1) and not indisvalid',
      [name],
    )
    // One that was broken off is in the way of every write and helps no reader.
    if (leftovers !== 0) await client.query(`drop index concurrently if exists ${name}`)
    await client.query(statement)
  }
  await note(client, file)
}

async function note(client: pg.Client, { name }: MigrationFile): Promise<void> {
  await client.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
    name,
    new Date().toISOString(),
  ])
}

// A lock that was not to be had in time, and two that waited for each other.
function isInTheWay(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '40P01')
  )
}

async function reportOldest(client: pg.Client): Promise<string> {
  const {
    rows: [oldest],
  } = await client.query<{ pid: number; name: string; seconds: number }>(`
    select pid, application_name as name, round(extract(epoch from now() - xact_start))::int as seconds from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null order by xact_start limit 1`)
  return oldest === undefined
    ? 'No transaction is open any more.'
    : `The oldest open transaction: pid ${oldest.pid}${oldest.name === '' ? '' : ` (${oldest.name})`}, for ${oldest.seconds} s.`
}
