// What the row "engine" needs: one Postgres, two Kontor processes on it, and nine providers that
// take their time.
import { join } from 'node:path'
import { request } from 'undici'
import { buildStage, openQuery, platformHeaders, profileFlags, type Base } from '../base-stage.ts'
import { runKontor, startKontor, type Server } from '../children.ts'
import { countingSettings, openCount, type CountWork } from '../database-work.ts'
import type { BenchOptions } from '../options.ts'
import { registerProvider, untilPublished, type Catalog } from '../register.ts'
import type { ProvidersOptions, Report } from '../servers/providers.ts'
import { openLiveHeap, type LiveHeap } from './live-heap.ts'

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
  readonly countWork: CountWork
  query(text: string, values?: readonly unknown[]): Promise<Array<Record<string, unknown>>>
  /** What the providers saw. */
  report(): Promise<Report>
  close(): Promise<void>
}

/**
 * Each provider is registered as an operator would who knows nothing better: with the places that
 * Kontor gives by itself.
 */
export function openEngineStage(
  options: BenchOptions,
  pace: ProvidersOptions,
  processesWanted: number,
): Promise<EngineStage> {
  return buildStage<Omit<EngineStage, 'close'>>(
    async (base) => {
      const query = openQuery(base, base.databaseUrl)
      const providers = await base.serve('providers', pace)
      const processes: EngineProcess[] = []
      for (let number = 1; number <= processesWanted; number++)
        processes.push(await startProcess(base, options, number))
      const platform = JSON.parse(
        await runKontor(options.kontor, ['platform', 'create', 'bench'], base.settings),
      ) as { username: string; password: string }
      const headers = platformHeaders(platform.username, platform.password)
      const [first] = processes
      for (const index of pace.retryAfterSeconds.keys()) {
        const credentials = { username: 'kontor', password: 'bench-provider' }
        await registerProvider(first?.kontor.url ?? '', base.adminToken, {
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
        countWork: await openCount(query),
        headers,
        query,
        folder: base.folder,
        catalog: catalogs[0] ?? { services: [] },
        postgresPid: base.postgresPid,
        report: async () =>
          (await (await request(`${providers.url}/report`)).body.json()) as Report,
      }
    },
    // What counts is when others could see that an operation is over, not when we thought so.
    { track_commit_timestamp: 'on', ...countingSettings },
  )
}

async function startProcess(
  { folder, settings, keep, onClose }: Base,
  options: BenchOptions,
  number: number,
): Promise<EngineProcess> {
  const logFile = join(folder, `kontor-${number}.log`)
  // The size is what the launcher would set by starting the process anew, at another inspector.
  const flags = ['--inspect=127.0.0.1:0', '--max-semi-space-size=8', ...profileFlags(options)]
  const kontor = keep(await startKontor(options.kontor, settings, logFile, flags))
  const heap = await openLiveHeap(logFile)
  onClose(async () => {
    heap.close()
  })
  return { kontor, heap }
}
