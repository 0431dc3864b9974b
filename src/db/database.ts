import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.gen.ts'
import { pools, PreparingClient } from './prepared.ts'

export type Db = Kysely<DB>
export type Tx = Transaction<DB>
/** For queries that work in and outside a transaction. */
export type DbOrTx = Db | Tx

export function isTransaction(db: DbOrTx): db is Tx {
  return db.isTransaction
}

export interface DatabaseOptions {
  /** Maximum number of connections. */
  readonly connections: number
  /** Shown in pg_stat_activity. */
  readonly name: string
  /** Called when an idle connection breaks; the pool opens a new one by itself. */
  readonly onIdleError?: (error: Error) => void
  /** After which Kontor gives up a statement. */
  readonly timeoutMs?: number
}

// Kontor's queries take milliseconds.
const usualTimeoutMs = 15_000
// Postgres gives up first: a statement that it still runs when Kontor has given up, such as one
// that waits for a lock, would write what Kontor takes for not written.
const serverShare = 14 / 15
// A process that is frozen within a transaction keeps its locks: Postgres ends the transaction
// before the statement of another process that waits for them is given up.
const idleShare = 10 / 15

/**
 * Opens a connection pool on `url`. It connects on demand; while the server is unreachable, queries
 * fail and the pool stays usable.
 */
export function openDatabase(url: string, options: DatabaseOptions): Db {
  const { timeoutMs = usualTimeoutMs } = options
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: url,
    max: options.connections,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    // Detects a server that vanished without closing the connection.
    query_timeout: timeoutMs,
    // Not a parameter of the connection: a pooler refuses one that it does not know. The pool waits
    // for the promise, and closes the connection if it is rejected.
    onConnect: (client) =>
      client.query(
        `set statement_timeout = ${Math.floor(timeoutMs * serverShare)};
        set idle_in_transaction_session_timeout = ${Math.floor(timeoutMs * idleShare)}`,
      ),
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  })
  // A connection that breaks while in use fails its query and also emits an `error` event, which
  // ends the process when it has no listener. The pool listens to idle connections only.
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: pool }) })
  pools.set(db, pool)
  return db
}

/**
 * Measures how long a query waits for a connection: while queries are queued, queues a probe behind
 * them.
 * @returns a function to call repeatedly; it returns milliseconds, 0 while no query waits
 */
export function watchConnectionWait(db: Db): () => number {
  const pool = pools.get(db)
  let sinceMs: number | undefined
  let lastMs = 0
  const startProbe = (pool: pg.Pool): void => {
    const startMs = performance.now()
    sinceMs = startMs
    // Ignores a failed connection: an unreachable database is not a lack of connections, and
    // queries report it themselves.
    pool
      .connect()
      .then(
        (client) => {
          client.release()
        },
        () => {},
      )
      .finally(() => {
        lastMs = performance.now() - startMs
        sinceMs = undefined
      })
  }
  return () => {
    if (sinceMs !== undefined) return Math.max(lastMs, performance.now() - sinceMs)
    if (pool === undefined || pool.waitingCount === 0) lastMs = 0
    else startProbe(pool)
    return lastMs
  }
}

/** @throws the driver's error when the database is unreachable */
export async function pingDatabase(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'))
}
