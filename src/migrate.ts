import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { advisoryLocks } from './db/advisory-locks.ts'
import { readMigrations } from './db/migration-files.ts'
import { findPending } from './db/pending-migrations.ts'
import { runMigration, type LockRetry } from './db/run-migration.ts'
import { grantServingRole, listServingRoles, readOwnRights } from './db/serving-role.ts'
import { BrokerError } from './errors.ts'

export interface MigrationOptions extends Partial<LockRetry> {
  readonly folder?: URL
  /** A role that gets the rights of a serving process. */
  readonly servingRole?: string | undefined
  /**
   * Called for each role that got these rights, with a sentence about what it may do beyond them.
   */
  readonly onGranted?: (role: string, tooMuch: string | undefined) => void
  /** Called for each role that keeps what it has, because it owns the tables by now. */
  readonly onLeft?: (role: string) => void
}

const ownFolder = new URL('../migrations/', import.meta.url)
const defaultRetry: LockRetry = { lockTimeoutMs: 2_000, pauseMs: 1_000, attempts: 20 }

/**
 * Migrates the database to the newest schema. Each file runs in its own transaction, so that its
 * locks end with the file. Safe when several processes start at once, also on an empty database:
 * they take turns. Roles that once got the rights of a serving process here get those of this
 * release; no other role is touched.
 * @returns the names of the migrations that this call ran
 * @throws Error that names the failed file; the migrations before it stay
 */
export async function migrateToLatest(
  url: string,
  { folder = ownFolder, servingRole, onGranted, onLeft, ...retry }: MigrationOptions = {},
): Promise<string[]> {
  const files = await readMigrations(folder)
  return withClient(url, async (client) => {
    await acquireLock(client)
    await client.query(
      `create table if not exists kysely_migration
        (name varchar(255) primary key, timestamp varchar(255) not null)`,
    )
    const pending = await findPending(client, files)
    if (pending === undefined && servingRole !== undefined)
      throw new BrokerError(
        'conflict',
        'A newer release has migrated this database: grant the rights with its `kontor migrate`.',
      )
    if (pending === undefined) return []
    for (const file of pending) await runMigration(client, file, { ...defaultRetry, ...retry })
    const grant = async (role: string): Promise<void> => {
      const tooMuch = await grantServingRole(client, role)
      onGranted?.(role, tooMuch)
    }
    if (servingRole !== undefined) await grant(servingRole)
    for (const { role, owns } of await listServingRoles(client)) {
      if (role === servingRole) continue
      if (owns) onLeft?.(role)
      else await grant(role)
    }
    return pending.map(({ name }) => name)
  })
}

/**
 * Checks that a process can serve on this database, and changes nothing.
 * @returns whether the role of the connection could change the tables themselves
 * @throws BrokerError `configuration` when the schema is older than this release, or when the role
 *   lacks a right
 */
export async function assertServable(url: string): Promise<{ readonly owns: boolean }> {
  const files = await readMigrations(ownFolder)
  return withClient(url, async (client) => {
    const { rowCount: known } = await client.query(
      "select where to_regclass('kysely_migration') is not null",
    )
    if (known === 0)
      throw new BrokerError(
        'configuration',
        'The database at DATABASE_URL has no schema of Kontor, or its user may not see it: ' +
          `${howToMigrate}.`,
      )
    const { role, owns, missing } = await readOwnRights(client)
    // Before the migrations are read, for which the role needs a right.
    const [first] = missing
    if (!missing.includes('select on kysely_migration')) {
      const [next] = (await findPending(client, files)) ?? []
      if (next !== undefined)
        throw new BrokerError(
          'configuration',
          'The schema of the database at DATABASE_URL is older than this release, which needs ' +
            `${next.name}: ${howToMigrate}.`,
        )
    }
    if (first !== undefined)
      throw new BrokerError(
        'configuration',
        `The database role "${role}" may not ${first}: run "kontor migrate --serving-role ` +
          `${role}" as the role that owns the tables.`,
      )
    return { owns }
  })
}

const howToMigrate = 'run "kontor migrate", or start with "kontor serve --migrate"'

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  // A session lock of the work ends with the connection.
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'kontor-migrate',
    keepAlive: true,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
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
