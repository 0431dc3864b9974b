// A real Postgres that the harness kills and restarts, with the settings of production where they
// decide what outlives a crash.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { makeTemporaryFolder } from '../../../scripts/temporary-folder.ts'
import { findBinaries } from '../../../tools/embedded-postgres/binaries.ts'
import { initCluster, storePassword } from '../../../tools/embedded-postgres/init.ts'
import { openLog } from '../../../tools/embedded-postgres/log.ts'
import { choosePort } from '../../../tools/embedded-postgres/port.ts'
import {
  startPostmaster,
  type Launch,
  type Postmaster,
} from '../../../tools/embedded-postgres/postmaster.ts'
import { chooseRunner } from '../../../tools/embedded-postgres/user.ts'

export interface Database {
  readonly port: number
  /** The same database through another port, as that of a proxy. */
  urlBy(port: number): string
  /** Kills the whole server and restarts it after a while. Resolves when it accepts connections. */
  crash(awayMs: number): Promise<void>
  /**
   * Kills one session's process, so that the server closes all sessions and recovers. @returns
   * false when there is none
   */
  crashSession(): Promise<boolean>
  /** Reads rows; retries while the server is away. */
  read<Row extends object>(statement: string, values?: unknown[]): Promise<Row[]>
  stop(): Promise<void>
}

export async function startDatabase(): Promise<Database> {
  const folder = await makeTemporaryFolder('faults')
  const binaries = await findBinaries()
  const password = await storePassword(folder)
  const runner = await chooseRunner(join(folder, 'data'), [
    folder,
    binaries.postgres,
    join(binaries.root, 'share'),
  ])
  const data = await initCluster(folder, binaries.initdb, runner, false)
  const port = await choosePort(folder, undefined)
  const launch: Launch = {
    postgres: binaries.postgres,
    data,
    runner,
    log: openLog(join(folder, 'postgres.log'), undefined),
    settings: {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      shared_buffers: '32MB',
      max_connections: '100',
      io_method: 'sync',
      wal_level: 'minimal',
      max_wal_senders: '0',
      max_logical_replication_workers: '0',
      jit: 'off',
      timezone: 'UTC',
      log_timezone: 'UTC',
      // Commits must outlive the server; that they outlive the machine is not tested here.
      synchronous_commit: 'on',
      fsync: 'off',
    },
  }
  let server = await start(launch)
  const stopServer = () => {
    try {
      process.kill(server.pid, 'SIGINT')
    } catch {
      // It has just been killed.
    }
  }
  process.once('exit', stopServer)
  const urlBy = (at: number, name = 'kontor') =>
    `postgres://kontor:${password}@127.0.0.1:${at}/${name}`
  await runOn(urlBy(port, 'postgres'), 'create database kontor')
  const pool = new pg.Pool({ connectionString: urlBy(port), max: 3, application_name: 'judge' })
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })

  const read = async <Row extends object>(
    statement: string,
    values: unknown[] = [],
  ): Promise<Row[]> => {
    for (let retries = 0; ; retries++) {
      try {
        return (await pool.query<Row>(statement, values)).rows
      } catch (error) {
        // Class 42: the statement is wrong, and stays so.
        if (
          retries > 200 ||
          (error instanceof Error && 'code' in error && String(error.code).startsWith('42'))
        )
          throw error
        await delay(100)
      }
    }
  }
  return {
    port,
    urlBy: (at) => urlBy(at),
    read,
    async crash(awayMs) {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
      await delay(awayMs)
      server = await start(launch)
    },
    async crashSession() {
      const [session] = await read<{ pid: number }>(
        "select pid from pg_stat_activity where application_name like 'kontor%' order by random() limit 1",
      )
      if (session === undefined) return false
      process.kill(session.pid, 'SIGKILL')
      return true
    },
    async stop() {
      process.off('exit', stopServer)
      await pool.end().catch(() => {})
      await server.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

// The processes of a killed server hold its memory for a moment longer.
async function start(launch: Launch): Promise<Postmaster> {
  for (let retries = 0; ; retries++) {
    try {
      return await startPostmaster(launch, new AbortController().signal)
    } catch (error) {
      if (
        retries > 50 ||
        !/pre-existing shared memory block|Address already in use/.test(String(error))
      )
        throw error
      await delay(100)
    }
  }
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
