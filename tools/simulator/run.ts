import { InputError, loadCatalog } from './load.ts'
import { startSimulator } from './start.ts'
import type { OsbOffering, ServiceBehaviour, Simulator, SimulatorOptions } from './types.ts'

export interface SimulateOptions {
  catalog: string
  provider?: string
  port?: number
  host?: string
  username?: string
  password?: string
  state?: string
  /** Makes every service asynchronous with runs of this length; 0 makes them synchronous. */
  seconds?: number
  openInspection?: boolean
}

/** The whole life of a `kontor simulate` process: returns at a signal to end. */
export async function simulate(options: SimulateOptions): Promise<void> {
  try {
    const simulator = await start(options)
    await untilTold()
    await simulator.stop()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    process.stderr.write(`${explain(error, options)}\n`)
    process.exitCode = 1
  }
  // The channel to the parent would keep a refused child alive.
  if (process.connected) process.disconnect()
}

async function start(options: SimulateOptions): Promise<Simulator> {
  const loaded = await loadCatalog(options.catalog, options.provider)
  const password = options.password ?? process.env['KONTOR_SIMULATOR_PASSWORD']
  if (options.username !== undefined && password === undefined) {
    throw new InputError(
      '--username needs a password: give --password or set KONTOR_SIMULATOR_PASSWORD.',
    )
  }
  const settings: SimulatorOptions = {
    catalog: loaded.catalog,
    provider: loaded.provider,
    behaviours:
      options.seconds === undefined
        ? loaded.behaviours
        : stretch(loaded.catalog.services, loaded.behaviours, options.seconds),
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    openInspection: options.openInspection ?? false,
    // As a power cut would do it: no handler runs, no buffer is flushed.
    onCrash: () => process.kill(process.pid, 'SIGKILL'),
  }
  if (password !== undefined)
    Object.assign(settings, { username: options.username ?? 'kontor', password })
  if (options.state !== undefined) settings.stateFile = options.state
  const simulator = await startSimulator(settings)
  process.stdout.write(`Simulator "${loaded.provider}" speaks OSB 2.17 at ${simulator.url}\n`)
  process.send?.({ ready: true, url: simulator.url, port: simulator.port })
  return simulator
}

function stretch(
  services: OsbOffering[],
  behaviours: Record<string, ServiceBehaviour>,
  seconds: number,
): Record<string, ServiceBehaviour> {
  const mode = seconds > 0 ? 'async' : 'sync'
  return Object.fromEntries(
    services.map(({ id }) => [
      id,
      {
        ...behaviours[id],
        mode,
        provisionSeconds: seconds,
        updateSeconds: seconds,
        deprovisionSeconds: seconds,
        bindSeconds: seconds,
        unbindSeconds: seconds,
      },
    ]),
  )
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
    // Forked: nine simulators must not go on listening when the parent dies.
    process.once('disconnect', () => resolve())
  })
}

function explain(error: Error, options: SimulateOptions): string {
  if (error instanceof InputError) return error.message
  const code = 'code' in error ? error.code : undefined
  const at = `${options.host ?? '127.0.0.1'}:${options.port ?? 0}`
  if (code === 'EADDRINUSE') return `The address ${at} is in use: choose another with --port.`
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return (
      `The address ${at} cannot be used (${String(code)}): choose another one with --host and ` +
      '--port.'
    )
  return `The simulator cannot start: ${error.message.split('\n')[0] ?? ''}`
}
