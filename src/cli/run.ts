import type { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Log } from '../log.ts'
import { assertServable, migrateToLatest } from '../migrate.ts'
import type { HitFailpoint } from '../operations/failpoints.ts'
import { BrokerError } from '../errors.ts'
import { logUnsafe } from '../unsafe-settings.ts'
import { within } from '../within.ts'

export interface Running {
  readonly runtime: Runtime
  /** Undefined when this process serves no HTTP. */
  readonly url: string | undefined
  /** Answers the requests that have come in, lets calls end, closes everything. */
  stop(): Promise<void>
}

export interface RunOptions {
  readonly worker: boolean
  readonly http: boolean
  /** Migrates the database first. Otherwise it must be at the schema of this release. */
  readonly migrate?: boolean | undefined
  /** See operations/failpoints.ts; for the fault harness. */
  readonly hitFailpoint?: HitFailpoint | undefined
}

/**
 * One Kontor process: checks or migrates the schema, opens the runtime, starts the jobs, listens.
 */
export async function run(
  config: Config,
  log: Log,
  { worker, http, migrate = false, hitFailpoint }: RunOptions,
): Promise<Running> {
  if (config.databaseUrl === undefined)
    throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  if (migrate) await migrateToLatest(config.databaseUrl)
  else if ((await assertServable(config.databaseUrl)).owns)
    logUnsafe(log, {
      name: 'database-owner',
      sentence:
        'The database role of this process owns the tables, so it could rewrite the audit log. ' +
        'Serve as a role that owns nothing: see "kontor migrate --serving-role".',
    })
  // Loaded step by step: a database that does not answer, or keys of another one, are named soon.
  const { openRuntime } = await import('../runtime/runtime.ts')
  const runtime = await openRuntime({ config, log, hitFailpoint })
  const entryPoints: Array<() => Promise<void>> = []
  let isOpen = true
  const stop = async () => {
    if (!isOpen) return
    isOpen = false
    // From now on the time to drain runs, for the calls of requests and of jobs.
    runtime.engine.endWithin(config.drainMs)
    runtime.backends.endWaits()
    runtime.parameters.endWaits()
    runtime.catalogReader.turns.endRests()
    await Promise.all(entryPoints.map((close) => close()))
    await runtime.close()
  }
  try {
    if (http) await runtime.visibility.serve(runtime.now())
    const app = http ? await (await import('../app.ts')).buildApp(runtime) : undefined
    if (app !== undefined) {
      entryPoints.push(() => closeApp(app))
      await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
        throw unknownHost(error, config.host) ?? error
      })
    }
    if (worker) {
      await assertCheckpointsFile(config)
      const working = (await import('../worker.ts')).startWorker(runtime)
      entryPoints.push(() => working.stop())
    }
    return {
      runtime,
      url:
        app === undefined
          ? undefined
          : urlOf(app.server.address(), config.tls === undefined ? 'http' : 'https'),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

// A client that keeps its connection open after the last answer must not delay a stop.
async function closeApp(app: Awaited<ReturnType<typeof buildApp>>): Promise<void> {
  const sweeping = setInterval(() => {
    app.server.closeIdleConnections()
  }, 50)
  await app.close().finally(() => {
    clearInterval(sweeping)
  })
}

const maxOpenMs = 5_000

async function assertCheckpointsFile({ checkpoints: { file } }: Config): Promise<void> {
  if (file === undefined) return
  const { assertAppendable } = await import('../audit/checkpoints/append-line.ts')
  // A mount that hangs must not leave the start without an end.
  const opened = within(
    maxOpenMs,
    assertAppendable(file),
    `it does not open within ${maxOpenMs} ms`,
  )
  await opened.catch((error: unknown) => {
    throw new BrokerError(
      'configuration',
      `KONTOR_CHECKPOINTS_FILE cannot be written: ${error instanceof Error ? error.message : ''}.`,
      { cause: error },
    )
  })
}

// Node's error does not name the setting that is wrong.
function unknownHost(error: unknown, host: string): BrokerError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') return undefined
  return new BrokerError(
    'configuration',
    `HOST is "${host}", which cannot be found. Set it to an address of this machine.`,
    { cause: error },
  )
}

function urlOf(
  address: ReturnType<import('node:net').Server['address']>,
  scheme: 'http' | 'https',
): string | undefined {
  if (address === null || typeof address === 'string') return undefined
  const host = ['0.0.0.0', '::'].includes(address.address)
    ? '127.0.0.1'
    : address.family === 'IPv6'
      ? `[${address.address}]`
      : address.address
  return `${scheme}://${host}:${address.port}`
}
