import { readdir, readFile } from 'node:fs/promises'
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration'
import pg from 'pg'
import { installJobSchema } from './operations/queue.ts'

const folder = new URL('../migrations/', import.meta.url)

/** Plain .sql files, in the order of their names; each file is one migration, several statements long. */
const sqlFiles: MigrationProvider = {
  async getMigrations () {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
    const migrations = files.map(async (file): Promise<[string, Migration]> => {
      const text = await readFile(new URL(file, folder), 'utf8')
      return [file.replace(/\.sql$/, ''), { up: async (db) => { await db.executeQuery(CompiledQuery.raw(text)) } }]
    })
    return Object.fromEntries(await Promise.all(migrations))
  }
}

/**
 * Whether a newer release has migrated this database already. Then there is nothing to do: each migration runs while the
 * release before it still serves.
 */
async function isAhead (db: Kysely<unknown>): Promise<boolean> {
  const ours = new Set(Object.keys(await sqlFiles.getMigrations()))
  const { rows } = await sql<{ name: string }>`select to_regclass('kysely_migration')::text as name`.execute(db)
  if (rows[0]?.name == null) return false
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const known = new Set(done.rows.map(({ name }) => name))
  return done.rows.some(({ name }) => !ours.has(name)) && [...ours].every((name) => known.has(name))
}

// Each in a transaction of its own: what one of them locks, the next one does not keep locked while it reads a large table.
async function runAll (migrator: Migrator): Promise<string[]> {
  const names: string[] = []
  for (;;) {
    const { error, results = [] } = await migrator.migrateUp()
    if (error !== undefined) {
      const failed = results.find((result) => result.status === 'Error')?.migrationName
      throw new Error(`The migration ${failed === undefined ? 'of the database ' : `${failed} `}failed: ${error instanceof Error ? error.message : 'unknown cause'}`, { cause: error })
    }
    if (results.length === 0) return names
    names.push(...results.map((result) => result.migrationName))
  }
}

// Any number that nobody else uses as an advisory lock in this database.
const migrationLock = 5_127_001

/**
 * Brings the database to the newest schema, and the job queue's own schema with it. Safe when several processes
 * start at once, also on an empty database: they go one after the other.
 * @returns the names of the migrations that were run now
 */
export async function migrateToLatest (url: string): Promise<string[]> {
  // The lock is the session's, so it must be the one connection of this pool. Kysely's migrator has a lock of its
  // own, but creates its tables before it takes it, which fails when two do so on an empty database.
  const lock = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  lock.on('error', () => {})
  await lock.connect()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => {})
  pool.on('connect', (client) => { client.on('error', () => {}) })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock])
    if (await isAhead(db)) return []
    const names = await runAll(new Migrator({ db, provider: sqlFiles }))
    await installJobSchema(url)
    return names
  } finally {
    await db.destroy()
    await lock.end().catch(() => {})
  }
}
