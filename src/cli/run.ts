import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { openHouse, type House } from '../house.ts'
import type { Log } from '../log.ts'
import { migrateToLatest } from '../migrate.ts'
import type { AtPoint } from '../operations/points.ts'
import { startWorker } from '../worker.ts'
import { BrokerError } from '../errors.ts'

export interface Running {
  readonly house: House
  /** Undefined when this process serves no HTTP. */
  readonly url: string | undefined
  /** Answers what has come in, lets calls end, closes everything. */
  stop (): Promise<void>
}

export interface RunOptions {
  readonly worker: boolean
  readonly http: boolean
  /** See operations/points.ts; for the fault harness. */
  readonly atPoint?: AtPoint | undefined
}

/** One Kontor process: migrates, opens the house, works, listens. */
export async function run (config: Config, log: Log, { worker, http, atPoint }: RunOptions): Promise<Running> {
  if (config.databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  await migrateToLatest(config.databaseUrl)
  const house = await openHouse({ config, log, worker, atPoint })
  const closers: Array<() => Promise<void>> = [() => house.close()]
  const stop = async () => {
    for (const close of closers.splice(0)) await close()
  }
  try {
    const app = http ? await buildApp(house) : undefined
    if (app !== undefined) {
      closers.unshift(() => closeApp(app, house))
      await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => { throw unknownHost(error, config.host) ?? error })
    }
    if (worker) {
      const working = await startWorker(house)
      closers.unshift(() => working.stop())
    }
    return { house, url: app === undefined ? undefined : urlOf(app.server.address()), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// A provider that hangs must not hold a stop up for longer than the time to drain, nor a client that keeps its
// connection open after the last answer.
async function closeApp (app: Awaited<ReturnType<typeof buildApp>>, house: House): Promise<void> {
  house.engine.endWithin(house.config.drainMs)
  const sweeping = setInterval(() => { app.server.closeIdleConnections() }, 50)
  await app.close().finally(() => { clearInterval(sweeping) })
}

// Like that of a database whose host is unknown, but for the name.
function unknownHost (error: unknown, host: string): BrokerError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') return undefined
  return new BrokerError('configuration', `HOST is "${host}", which cannot be found. Set it to an address of this machine.`, { cause: error })
}

function urlOf (address: ReturnType<import('node:net').Server['address']>): string | undefined {
  if (address === null || typeof address === 'string') return undefined
  const host = ['0.0.0.0', '::'].includes(address.address) ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
