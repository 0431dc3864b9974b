// What the row "engine" needs: one Postgres, two Kontor processes on it, and nine providers that take their time.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { request } from 'undici'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import { runKontor, startKontor, startModule, type Server } from '../children.ts'
import { makeFolder } from '../folder.ts'
import type { BenchOptions } from '../options.ts'
import { registerProvider, untilPublished, type Catalog } from '../register.ts'
import type { ProvidersOptions, Report } from '../servers/providers.ts'
import { openLiveHeap, type LiveHeap } from './live-heap.ts'
import { basicAuth } from '../../test/support/basic-auth.ts'

export interface EngineProcess {
  readonly kontor: Server
  readonly heap: LiveHeap
}

export interface EngineStage {
  readonly processes: readonly EngineProcess[]
  readonly providers: Server
  readonly postgresPid: number
  readonly headers: Readonly<Record<string, string>>
  readonly catalog: Catalog
  readonly folder: string
  query(text: string, values?: readonly unknown[]): Promise<Array<Record<string, unknown>>>
  /** What the providers saw. */
  report(): Promise<Report>
  close(): Promise<void>
}

const processesWanted = 2

/** Each provider is registered as an operator would who knows nothing better: with the places that Kontor gives by itself. */
export async function openEngineStage(
  options: BenchOptions,
  pace: ProvidersOptions,
): Promise<EngineStage> {
  const closers: Array<() => Promise<unknown>> = []
  const close = async () => {
    for (const closer of closers.splice(0).toReversed())
      await closer().catch((error: unknown) => {
        console.error(error)
      })
  }
  try {
    const folder = await makeFolder()
    closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    // What counts is when others could see that an operation is over, not when we thought so.
    const postgres = await startPostgres({
      folder,
      durable: true,
      settings: { track_commit_timestamp: 'on' },
    })
    closers.push(() => postgres.stop())
    const pool = new pg.Pool({ connectionString: postgres.url, max: 1 })
    pool.on('error', () => {}) // cut off when Postgres stops
    closers.push(() => pool.end())
    const providers = await startModule(fileURLToPath(new URL('../serve.ts', import.meta.url)), [
      'providers',
      JSON.stringify(pace),
    ])
    closers.push(() => providers.stop())
    const environment = {
      DATABASE_URL: postgres.url,
      KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
      // One platform sends everything: its budget is looked after, but never spent.
      KONTOR_ORDER_RATE: '1000000',
      KONTOR_REQUEST_RATE: '1000000',
      PORT: '0',
    }
    const flags = [
      '--inspect=127.0.0.1:0',
      ...(options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]),
    ]
    const processes: EngineProcess[] = []
    for (let number = 1; number <= processesWanted; number++) {
      const logFile = join(folder, `kontor-${number}.log`)
      const kontor = await startKontor(options.kontor, environment, logFile, flags)
      closers.push(() => kontor.stop())
      const heap = await openLiveHeap(logFile)
      closers.push(async () => {
        heap.close()
      })
      processes.push({ kontor, heap })
    }
    const platform = JSON.parse(
      await runKontor(options.kontor, ['platform', 'create', 'bench'], environment),
    ) as { username: string; password: string }
    const headers = {
      authorization: basicAuth(platform.username, platform.password),
      'x-broker-api-version': '2.17',
    }
    const [first] = processes
    for (const index of pace.retryAfterSeconds.keys()) {
      const credentials = { username: 'kontor', password: 'bench-provider' }
      await registerProvider(first?.kontor.url ?? '', environment.KONTOR_ADMIN_TOKEN, {
        name: `bench-${index + 1}`,
        url: `${providers.url}/${index + 1}`,
        credentials,
      })
    }
    const catalogs = await Promise.all(
      processes.map(({ kontor }) =>
        untilPublished(kontor.url, headers, pace.retryAfterSeconds.length),
      ),
    )
    return {
      processes,
      providers,
      headers,
      folder,
      close,
      catalog: catalogs[0] ?? { services: [] },
      postgresPid: postgres.pid,
      query: async (text, values) =>
        (
          await pool.query<Record<string, unknown>>(
            text,
            values === undefined ? undefined : [...values],
          )
        ).rows,
      report: async () => (await (await request(`${providers.url}/report`)).body.json()) as Report,
    }
  } catch (error) {
    await close()
    throw error
  }
}
