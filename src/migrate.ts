import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { advisoryLocks } from './db/advisory-locks.ts'
import { readMigrations, type MigrationFile } from './db/migration-files.ts'
import { runMigration, type Patience } from './db/run-migration.ts'

export interface MigrationOptions extends Partial<Patience> {
  readonly folder?: URL
}

const ours = new URL('../migrations/', import.meta.url)
const patience: Patience = { lockMs: 2_000, pauseMs: 1_000, tries: 20 }

/**
 * Brings the database to the newest schema. Each file is a transaction of its own, so that no lock
 * outlasts its file. Safe when several processes start at once, also on an empty database: they go
 * one after the other.
 * @returns the names of the migrations that were run now
 * @throws Error with a sentence that names the file that failed; those before it stay
 */
export async function migrateToLatest(
  url: string,
  { folder = ours, ...more }: MigrationOptions = {},
): Promise<string[]> {
  const files = await readMigrations(folder)
  // The lock is the session's: who loses the connection loses both.
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'kontor-migrate',
    keepAlive: true,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    await takeTurn(client)
    const pending = await findPending(client, files)
    if (pending === undefined) return []
    for (const file of pending) await runMigration(client, file, { ...patience, ...more })
    return pending.map(({ name }) => name)
  } finally {
    await client.end().catch(() => {})
  }
}

// Asked again and again: a query that waits has a snapshot, and an index that is built concurrently
// waits for all of those.
async function takeTurn(client: pg.Client): Promise<void> {
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
 * What is to be run, in order. The table is as kysely's migrator made it, which earlier releases
 * used.
 * @returns undefined when a newer release has migrated this database already. Then there is nothing
 *   to do: each migration runs while the release before it still serves.
 */
async function findPending(
  client: pg.Client,
  files: readonly MigrationFile[],
): Promise<MigrationFile[] | undefined> {
  await client.query(
    'create table if not exists kysely_migration (name varchar(255) primary key, timestamp ' +
      'varchar(255) not null)',
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
        `${(tooEarly ?? pending[0])?.name}.`,
    )
  return pending
}
