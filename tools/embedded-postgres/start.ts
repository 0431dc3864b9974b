// A Postgres of our own, for `npm start` and the tests: the programs come from npm, the data lies
// in one folder.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { findBinaries } from './binaries.ts'
import { initCluster, storePassword, makeFolder } from './init.ts'
import { lockFolder } from './lock.ts'
import { openLog } from './log.ts'
import { choosePort } from './port.ts'
import { endLeftover, type Launch, startPostmaster } from './postmaster.ts'
import { type Supervised, supervise } from './supervise.ts'
import { chooseRunner } from './user.ts'

export type EmbeddedOptions = {
  /** made if missing; holds data/, password, port, owner.pid and postgres.log */
  folder: string
  /** on 127.0.0.1; by default the former one if free, else a new one */
  port?: number
  /** false: nothing survives a crash of the machine, and tests run faster. Default true. */
  durable?: boolean
  /** any of Postgres' own settings, by name */
  settings?: Record<string, string>
  onLog?: (line: string) => void
}

export type EmbeddedPostgres = {
  /**
   * postgres://kontor:<password>@127.0.0.1:<port>/kontor, the same through all restarts; kontor is
   * a superuser
   */
  url: string
  port: number
  /** of the postmaster now running; a restart changes it */
  readonly pid: number
  /** fulfilled after stop(), rejected when the server kept crashing and was given up */
  closed: Promise<void>
  /** cuts all sessions, ends the server, frees the folder; may be called more than once */
  stop(): Promise<void>
}

const footprint = {
  shared_buffers: '32MB',
  max_connections: '100',
  io_method: 'sync', // else three worker processes
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0', // else its launcher, one more process
  max_wal_size: '256MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // The log must not show what is in the rows: no statement, no DETAIL with the key or row that
  // failed.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}
const volatile = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
const retryable = /Address already in use|pre-existing shared memory block/
const startBackoffMs = [20, 50, 100, 200, 400, 800, 1_600, 3_200]

/**
 * Starts the server of this folder, after ending one that a killed process left there, and keeps it
 * up. First start about 1 s, later ones under 200 ms.
 * @throws Error with a sentence for the operator: no binaries, folder in use by another Kontor or
 *   not reachable, fixed port taken, server did not come up
 */
export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { durable = true } = options
  const binaries = await findBinaries()
  const folder = await makeFolder(options.folder)
  const password = await storePassword(folder)
  const unlock = await lockFolder(folder, password)
  let server: Supervised | undefined
  try {
    const runner = await chooseRunner(join(folder, 'data'), [
      folder,
      binaries.postgres,
      join(binaries.root, 'share'),
    ])
    const data = await initCluster(folder, binaries.initdb, runner, durable)
    await endLeftover(data) // before the port is chosen: it holds the former one
    const log = openLog(join(folder, 'postgres.log'), options.onLog)
    const started = await startOnFreePort(folder, options, {
      postgres: binaries.postgres,
      data,
      runner,
      log,
    })
    server = started.server
    const { port } = started
    const url = `postgres://kontor:${password}@127.0.0.1:${port}/kontor`
    await ensureDatabase(url)
    return assemble(started.server, url, port, unlock)
  } catch (error) {
    await server?.stop()
    await unlock()
    throw error
  }
}

// Another process may take the port after we checked it; and backends of a postmaster that was
// killed may still hold the shared memory for a moment.
async function startOnFreePort(
  folder: string,
  { durable = true, ...options }: EmbeddedOptions,
  base: Omit<Launch, 'settings'>,
): Promise<{ server: Supervised; port: number }> {
  for (let tries = 0; ; tries++) {
    const port = await choosePort(folder, options.port)
    const own = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '' }
    const settings = { ...footprint, ...(durable ? {} : volatile), ...options.settings, ...own }
    try {
      return {
        server: await supervise((signal) => startPostmaster({ ...base, settings }, signal)),
        port,
      }
    } catch (error) {
      const waitMs = startBackoffMs[tries]
      if (waitMs === undefined || !retryable.test(String(error))) throw error
      await delay(waitMs)
    }
  }
}

function assemble(
  server: Supervised,
  url: string,
  port: number,
  unlock: () => Promise<void>,
): EmbeddedPostgres {
  const closed = server.closed.finally(unlock)
  closed.catch(() => {}) // see supervise
  return {
    url,
    port,
    get pid() {
      return server.pid
    },
    closed,
    async stop() {
      await server.stop()
      await closed.catch(() => {})
    },
  }
}

// This also proves that the server accepts our password.
async function ensureDatabase(url: string): Promise<void> {
  const missing = await runOn(url, 'select 1').then(
    () => false,
    (error: { code?: string }) => {
      if (error.code === '3D000') return true // invalid_catalog_name
      throw error
    },
  )
  if (missing) await runOn(url.replace(/kontor$/, 'postgres'), 'create database kontor')
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
