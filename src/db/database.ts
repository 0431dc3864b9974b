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
export function openDatabase (url: string, options: DatabaseOptions): Db {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: url,
    max: options.connections,
    application_name: options.name,
    connectionTimeoutMillis: 5_000,
    // A server that vanished without a word; our own queries take milliseconds.
    query_timeout: 15_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true
  })
  // A connection that breaks while it is in use says so twice: to the query, which fails, and as an event that ends
  // the process if nobody listens. The pool itself listens to idle ones only.
  pool.on('connect', (client) => { client.on('error', () => {}) })
  pool.on('error', (error) => options.onIdleError?.(error))
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool: pool }) })
}

/** Fails with the driver's error when the database cannot be reached. */
export async function pingDatabase (db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select 1'))
}
