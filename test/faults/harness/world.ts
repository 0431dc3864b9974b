// Everything that a run needs: one Postgres, two brokers, providers and platforms, with fault
// proxies in between. Ends everything that it has started, whatever happens.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../src/cli/run.ts'
import { readConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/log.ts'
import { commandLineCaller } from '../../../src/tenancy/caller.ts'
import { createPlatform } from '../../../src/tenancy/create-platform.ts'
import { startBroker, type Broker } from './broker.ts'
import { startDatabase, type Database } from './database.ts'
import type { Offer } from './lifecycle.ts'
import { kinds, startProvider, type Provider } from './providers.ts'
import { register } from './register.ts'
import { watchRecovery, type Recovery } from './recovery.ts'
import { openFaultProxy, type FaultProxy } from './network-faults.ts'
import { basicAuth } from '../../support/basic-auth.ts'

export interface World {
  /** Logs and journals. */
  readonly folder: string
  readonly database: Database
  readonly brokers: readonly Broker[]
  /** Each broker's proxy to the database, in the order of the brokers. */
  readonly databaseProxies: readonly FaultProxy[]
  readonly providers: readonly Provider[]
  readonly platforms: ReadonlyArray<{ readonly name: string; readonly authorization: string }>
  readonly offers: readonly Offer[]
  readonly recovery: Recovery
  readonly leaseMs: number
  /** The processes that ended without being ordered to. */
  readonly crashes: string[]
  /** Whether the harness itself ends the process now. */
  expectEnds(broker: Broker, isExpected: boolean): void
  stop(keepsFolder: boolean): Promise<void>
}

// The harness tests what becomes of accepted orders, so no limit refuses any.
const unlimited = {
  KONTOR_ORDER_RATE: '0',
  KONTOR_REQUEST_RATE: '0',
  KONTOR_MAX_LOOP_DELAY_SECONDS: '0',
  KONTOR_MAX_DATABASE_WAIT_SECONDS: '0',
}

/**
 * Short, to keep a run short. The lease is that of production, because it decides how long an
 * operation waits for a dead process.
 */
const times = {
  KONTOR_POLL_SECONDS: '0.3',
  KONTOR_INLINE_SECONDS: '1',
  KONTOR_IN_DOUBT_SECONDS: '3',
  KONTOR_DRAIN_SECONDS: '3',
  LOG_LEVEL: 'info',
  ...unlimited,
}
const providerTimeoutSeconds = 2

export async function startWorld(environment: Readonly<Record<string, string>>): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-faults-'))
  const closers: Array<() => Promise<unknown>> = []
  const stop = async (keepsFolder: boolean): Promise<void> => {
    for (const close of closers.splice(0).toReversed())
      await close().catch((error: unknown) => {
        console.error(error)
      })
    if (!keepsFolder) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    return await build(folder, environment, closers, stop)
  } catch (error) {
    await stop(false)
    throw error
  }
}

async function build(
  folder: string,
  given: Readonly<Record<string, string>>,
  closers: Array<() => Promise<unknown>>,
  stop: World['stop'],
): Promise<World> {
  const database = await startDatabase()
  closers.push(() => database.stop())
  const environment: Record<string, string> = {
    ...times,
    ...given,
    KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
    KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
  }
  const platforms = await createPlatforms(
    { ...environment, DATABASE_URL: database.urlBy(database.port) },
    ['north', 'south'],
  )
  const providers = await Promise.all(
    kinds.map((kind) => startProvider(folder, kind, providerTimeoutSeconds)),
  )
  closers.push(() => Promise.all(providers.map((provider) => provider.stop())))
  const recovery = watchRecovery(database)
  closers.push(() => recovery.stop())

  const crashes: string[] = []
  const expected = new Set<Broker>()
  const onEnd = (broker: Broker, point: string | undefined, wasUp: boolean): void => {
    // A process that cannot start while the database is away exits with an error, and is restarted.
    if (point === undefined && wasUp && !expected.has(broker)) crashes.push(broker.name)
    if (!brokers.some((each) => each.isUp)) recovery.disturb()
    recovery.begin(point ?? 'end').catch((error: unknown) => {
      console.error(error)
    })
  }
  const databaseProxies = await Promise.all([
    openFaultProxy(database.port),
    openFaultProxy(database.port),
  ])
  closers.push(() => Promise.all(databaseProxies.map((proxy) => proxy.close())))
  const brokers: readonly Broker[] = await Promise.all(
    databaseProxies.map((proxy, at) =>
      startBroker({
        name: `broker-${at + 1}`,
        folder,
        onEnd,
        environment: { ...environment, DATABASE_URL: database.urlBy(proxy.port) },
      }),
    ),
  )
  closers.push(async () => {
    for (const broker of brokers) expected.add(broker)
    await Promise.all(brokers.map((broker) => broker.stop()))
  })
  await Promise.all(brokers.map((broker) => broker.up()))
  const offers = await register(
    brokers,
    providers,
    environment['KONTOR_ADMIN_TOKEN'] ?? '',
    platforms[0]?.authorization ?? '',
  )
  return {
    folder,
    database,
    brokers,
    databaseProxies,
    providers,
    platforms,
    offers,
    recovery,
    crashes,
    stop,
    leaseMs: readConfig(environment).leaseMs,
    expectEnds(broker, isExpected) {
      if (isExpected) expected.add(broker)
      else expected.delete(broker)
    },
  }
}

async function createPlatforms(
  environment: Record<string, string>,
  names: readonly string[],
): Promise<World['platforms']> {
  const running = await run(readConfig(environment), createLog('silent'), {
    worker: false,
    http: false,
    migrate: true,
  })
  try {
    return await Promise.all(
      names.map(async (name) => {
        const { username, password } = await createPlatform(
          running.runtime,
          commandLineCaller('test'),
          name,
        )
        return {
          name,
          authorization: basicAuth(username, password),
        }
      }),
    )
  } finally {
    await running.stop()
  }
}
