import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { advisoryLocks } from './db/advisory-locks.ts'
import { readMigrations, type MigrationFile } from './db/migration-files.ts'
import { runMigration, type LockRetry } from './db/run-migration.ts'

export interface MigrationOptions extends Partial<LockRetry> {
  readonly folder?: URL
}

const ownFolder = new URL('../migrations/', import.meta.url)
const defaultRetry: LockRetry = { lockTimeoutMs: 2_000, pauseMs: 1_000, attempts: 20 }

/**
 * Migrates the database to the newest schema. Each file runs in its own transaction, so that its
 * locks end with the file. Safe when several processes start at once, also on an empty database:
 * they take turns.
 * @returns the names of the migrations that this call ran
 * @throws Error that names the failed file; the migrations before it stay
 */
export async function migrateToLatest(
  url: string,
  { folder = ownFolder, ...retry }: MigrationOptions = {},
): Promise<string[]> {
  const files = await readMigrations(folder)
  // A session lock: it ends with the connection.
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'kontor-migrate',
    keepAlive: true,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    await acquireLock(client)
    const pending = await findPending(client, files)
    if (pending === undefined) return []
    for (const file of pending) await runMigration(client, file, { ...defaultRetry, ...retry })
    return pending.map(({ name }) => name)
  } finally {
    await client.end().catch(() => {})
  }
}

// Polls instead of waiting in the query: a waiting query holds a snapshot, and a concurrent index
// build waits for all snapshots, so that the two would block each other.
async function acquireLock(client: pg.Client): Promise<void> {
  for (;;) {
    const {
      rows: [row],
    } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      advisoryLocks.migration,
    ])
    if (row?.taken === true) return
    await pause(200)
  }
}

/**
 * The migrations to run, in order. Uses the table of kysely's migrator, which earlier releases
 * used.
 * @returns undefined when a newer release has already migrated this database. Then there is nothing
 *   to do, because each migration keeps the previous release working.
 */
async function findPending(
  client: pg.Client,
  files: readonly MigrationFile[],
): Promise<MigrationFile[] | undefined> {
  await client.query(
    `create table if not exists kysely_migration
      (name varchar(255) primary key, timestamp varchar(255) not null)`,
  )
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration')
  const done = new Set(rows.map(({ name }) => name))
  const known = new Set(files.map(({ name }) => name))
  const pending = files.filter(({ name }) => !done.has(name))
  const unknown = [...done].filter((name) => !known.has(name)).toSorted()
  if (unknown.length > 0 && pending.length === 0) return undefined
  const last = [...done].toSorted().at(-1) ?? ''
  const tooEarly = pending.find(({ name }) => name < last)
  if (unknown.length > 0 || tooEarly !== undefined)
    throw new Error(
      `This is the database of another release: it has run ${unknown[0] ?? last}, but not ` +
        `${(tooEarly ?? pending[0])?.name}. ` +
        'Start the release that migrated it, or use another database.',
    )
  return pending
}
