import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.gen.ts'
import { PreparingClient } from './prepared.ts'

export type Db = Kysely<DB>
export type Tx = Transaction<DB>
/** For queries that work in and outside a transaction. */
export type DbOrTx = Db | Tx

export interface DatabaseOptions {
  /** Most connections at a time. */
  readonly connections: number
  /** Shown in pg_stat_activity. */
  readonly name: string
  /** Called when an idle connection breaks; the pool opens a new one by itself. */
  readonly onIdleError?: (error: Error) => void
}

/** A pool on `url`. Connections are opened when needed; a server that is away makes the query fail, not the pool. */
export function openDatabase(url: string, options: DatabaseOptions): Db {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: url,
    max: options.connections,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    // A server that vanished without a word; our own queries take milliseconds.
    query_timeout: 15_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  })
  // A connection that breaks while it is in use says so twice: to the query, which fails, and as an event that ends
  // the process if nobody listens. The pool itself listens to idle ones only.
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: pool }) })
  pools.set(db, pool)
  return db
}

const pools = new WeakMap<Db, pg.Pool>()

/**
 * Tells how long a query waits for a connection: while others stand in line, one of ours stands there with them.
 * @returns a function to be called again and again; milliseconds, 0 when nobody waits
 */
export function watchConnectionWait(db: Db): () => number {
  const pool = pools.get(db)
  let sinceMs: number | undefined
  let lastMs = 0
  const stand = (pool: pg.Pool): void => {
    const startMs = performance.now()
    sinceMs = startMs
    // A database that is away is not the pool's fault: who asks it is told at once.
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
    else stand(pool)
    return lastMs
  }
}

/** Fails with the driver's error when the database cannot be reached. */
export async function pingDatabase(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'))
}
