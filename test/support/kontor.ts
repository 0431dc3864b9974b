// A whole Kontor for a test: real Postgres, real HTTP, real simulators. The log is silent unless
// KONTOR_TEST_LOG sets its level.
import { randomBytes } from 'node:crypto'
import { run, type Running } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import type { HitFailpoint } from '../../src/operations/failpoints.ts'
import { startSimulator } from '../../tools/simulator/start.ts'
import type { OsbCatalog, ServiceBehaviour, Simulator } from '../../tools/simulator/types.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import type { ProviderView } from '../../src/types.gen.ts'
import { basicAuth } from './basic-auth.ts'
import { caller, type Call, type Reply } from './caller.ts'
import { catalogOf } from './catalogs.ts'
import { createDatabase } from './postgres.ts'
import type { Teardown } from './teardown.ts'

export { caller, type Call, type Reply }

export interface TestProvider {
  readonly view: ProviderView
  readonly simulator: Simulator
  /** Kontor's password there; its username is kontor. */
  readonly password: string
}

export interface TestKontor {
  readonly running: Running
  readonly url: string
  /** As a superuser; Kontor itself uses the role that serves. */
  readonly databaseUrl: string
  readonly environment: Record<string, string>
  /** As a platform, with credentials and version header. */
  readonly call: Call
  /** As the admin, with the admin token. */
  readonly admin: Call
  /** Creates another platform; returns its calls. */
  newPlatform(name: string): Promise<Call>
  addProvider(name: string, options?: ProviderOptions): Promise<TestProvider>
  /** The published ids of an offering and a plan, by the provider's own names. */
  find(
    provider: string,
    offering: string,
    plan?: string,
  ): Promise<{ service_id: string; plan_id: string }>
  /** A second Kontor on the same database, in this process. */
  another(): Promise<{ running: Running; call: Call; admin: Call }>
}

export interface ProviderOptions {
  readonly catalog?: OsbCatalog
  readonly behaviours?: Record<string, ServiceBehaviour>
  readonly settings?: Record<string, unknown>
  readonly concurrency?: number
  readonly refreshSeconds?: number
  readonly reconcileSeconds?: number
  readonly stateFile?: string
  readonly now?: () => number
}

export interface KontorOptions {
  readonly environment?: Record<string, string>
  readonly worker?: boolean
  readonly databaseUrl?: string
  /** Whether it migrates first, for a database of its own that is empty. */
  readonly migrate?: boolean
  readonly hitFailpoint?: HitFailpoint
}

// Tests send many requests at once, on a busy machine; tests of limits set their own values.
const unlimited = {
  KONTOR_ORDER_RATE: '0',
  KONTOR_REQUEST_RATE: '0',
  KONTOR_FAILED_SIGN_INS_PER_MINUTE: '0',
  KONTOR_MAX_LOOP_DELAY_SECONDS: '0',
  KONTOR_MAX_DATABASE_WAIT_SECONDS: '0',
}
const quick = {
  KONTOR_POLL_SECONDS: '0.1',
  KONTOR_IN_DOUBT_SECONDS: '0.3',
  KONTOR_INLINE_SECONDS: '2',
  KONTOR_LEASE_SECONDS: '20',
  // Each connection costs both sides 30 ms of CPU time: it parses and plans each statement anew.
  KONTOR_DATABASE_CONNECTIONS: '5',
  KONTOR_DRAIN_SECONDS: '1',
  KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
  PORT: '0',
  LOG_LEVEL: process.env['KONTOR_TEST_LOG'] ?? 'silent',
  ...unlimited,
}

/** For tests in which orders meet in the database: as many connections as an operator gets. */
export const manyConnections = { KONTOR_DATABASE_CONNECTIONS: '10' }

export async function startKontor(t: Teardown, options: KontorOptions = {}): Promise<TestKontor> {
  // The whole suite runs with the rights that a serving process has in production.
  const { url: databaseUrl, servingUrl } =
    options.databaseUrl === undefined
      ? await createDatabase(t)
      : { url: options.databaseUrl, servingUrl: options.databaseUrl }
  const environment = {
    ...quick,
    DATABASE_URL: servingUrl,
    KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
    ...options.environment,
  }
  const start = async () => {
    const config = readConfig(environment)
    const running = await run(config, createLog(config.logLevel), {
      worker: options.worker ?? true,
      http: true,
      migrate: options.migrate,
      hitFailpoint: options.hitFailpoint,
    })
    t.teardown(() => running.stop())
    // Tests read large catalogs again and again. Those of the rests have readers of their own.
    running.runtime.catalogReader.turns.endRests()
    return running
  }
  const running = await start()
  const url = running.url ?? ''
  const adminOf = (base: string): Call =>
    caller(base, { authorization: `Bearer ${environment.KONTOR_ADMIN_TOKEN}` })
  const platformCall = async (name: string): Promise<{ authorization: string }> => {
    const { username, password } = await createPlatform(
      running.runtime,
      commandLineCaller('test'),
      name,
    )
    await running.runtime.refresh()
    return { authorization: basicAuth(username, password) }
  }
  const osb = { 'x-broker-api-version': '2.17' }
  const first = await platformCall('first')
  const call = caller(url, { ...osb, ...first })
  const admin = adminOf(url)
  return {
    running,
    url,
    databaseUrl,
    environment,
    call,
    admin,
    newPlatform: async (name) => caller(url, { ...osb, ...(await platformCall(name)) }),
    async addProvider(name, given = {}) {
      const password = randomBytes(9).toString('base64url')
      const simulator = await startSimulator({
        catalog: given.catalog ?? catalogOf(name),
        provider: name,
        username: 'kontor',
        password,
        behaviours: given.behaviours ?? { '*': { mode: 'sync' } },
        ...(given.stateFile === undefined ? {} : { stateFile: given.stateFile }),
        ...(given.now === undefined ? {} : { now: given.now }),
      })
      t.teardown(() => simulator.stop())
      const reply = await admin('POST', '/api/providers', {
        name,
        backend: 'osb',
        settings: {
          url: simulator.url,
          timeoutSeconds: 5,
          // On a busy machine the first answer takes its time.
          catalogTimeoutSeconds: 20,
          ...given.settings,
        },
        credentials: { username: 'kontor', password },
        refreshSeconds: given.refreshSeconds ?? 3600,
        ...(given.concurrency === undefined ? {} : { concurrency: given.concurrency }),
        reconcileSeconds: given.reconcileSeconds ?? 0,
      })
      if (reply.status !== 201) throw new Error(`The provider was not registered: ${reply.text}`)
      return { view: reply.body as ProviderView, simulator, password }
    },
    async find(provider, offering, plan) {
      const { body } = await call('GET', '/v2/catalog')
      const services = body.services as Array<{
        id: string
        name: string
        plans: Array<{ id: string; name: string }>
      }>
      const found = services.find(({ name }) => name === `${provider}-${offering}`)
      const foundPlan = found?.plans.find(({ name }) => plan === undefined || name === plan)
      if (found === undefined || foundPlan === undefined)
        throw new Error(`The catalog has no ${provider}-${offering} ${plan ?? ''}`)
      return { service_id: found.id, plan_id: foundPlan.id }
    },
    async another() {
      const second = await start()
      const base = second.url ?? ''
      return { running: second, call: caller(base, { ...osb, ...first }), admin: adminOf(base) }
    },
  }
}

export const here = { organization_guid: 'org', space_guid: 'space' }

/** Polls until the operation ends, ignoring Retry-After; returns the last answer. */
export async function finished(call: Call, path: string, operation?: string): Promise<Reply> {
  const query = operation === undefined ? '' : `?operation=${encodeURIComponent(operation)}`
  return until(
    () => call('GET', `${path}/last_operation${query}`),
    ({ status, body }) => status !== 200 || body.state !== 'in progress',
  )
}

/**
 * Reads again and again until the value is right, each time after a fifth of the time waited so far
 * (20 to 50 ms): a wait costs little. The limit only ends a test that would hang.
 */
export async function until<T>(
  read: () => Promise<T> | T,
  isRight: (value: T) => boolean,
  limitMs = 60_000,
): Promise<T> {
  const began = Date.now()
  for (;;) {
    const value = await read()
    if (isRight(value)) return value
    const waitedMs = Date.now() - began
    if (waitedMs > limitMs)
      throw new Error(`Not reached in ${limitMs} ms: ${JSON.stringify(value)?.slice(0, 2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waitedMs / 5, 20), 50)))
  }
}
