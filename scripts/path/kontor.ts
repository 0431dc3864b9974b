// A Kontor in this process with the settings of production, and a simulated provider in a process
// of its own. Kontor has no worker: no background step runs unless it is started here.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startModule, type Server } from '../../bench/children.ts'
import { registerProvider, untilPublished } from '../../bench/register.ts'
import { basicAuth } from '../../test/support/basic-auth.ts'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { clientOf, type Send } from './client.ts'

export interface Kontor {
  /** Sends a request as a platform that belongs to an organisation. */
  readonly send: Send
  /** Its operations end with the provider's first answer. */
  readonly synchronous: Offering
  /** Its operations end with the first poll. */
  readonly asynchronous: Offering
  /** Its operations are in progress for a day. */
  readonly endless: Offering
  /**
   * Takes each operation that is due one step further, as a worker does again and again.
   * @returns how many operations were due, when their steps have ended
   */
  runDueSteps(): Promise<number>
  stop(): Promise<void>
}

export interface Offering {
  readonly serviceId: string
  readonly planIds: readonly [string, string]
}

const provider = { username: 'kontor', password: 'path' }
const behaviours = {
  synchronous: { mode: 'sync' },
  asynchronous: { mode: 'async' },
  endless: { mode: 'async', provisionSeconds: 86_400 },
}

/** @param databaseUrl  an empty database */
export async function startKontor(databaseUrl: string): Promise<Kontor> {
  const closers: Array<() => Promise<void>> = []
  const stop = async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    const simulator = await startSimulator()
    closers.push(() => simulator.stop())
    const token = randomBytes(32).toString('hex')
    const config = readConfig({
      DATABASE_URL: databaseUrl,
      KONTOR_ADMIN_TOKEN: token,
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
      // An operation in progress is due again within about a second.
      KONTOR_POLL_SECONDS: '0.1',
      KONTOR_MAX_POLL_SECONDS: '1',
      LOG_LEVEL: 'error',
      PORT: '0',
    })
    const running = await run(config, createLog(config.logLevel), {
      worker: false,
      http: true,
      migrate: true,
    })
    closers.push(() => running.stop())
    const url = running.url ?? ''
    await registerProvider(url, token, { name: 'path', url: simulator.url, credentials: provider })
    const authorization = await createPlatform(clientOf(url, { authorization: `Bearer ${token}` }))
    const headers = { authorization, 'x-broker-api-version': '2.17' }
    // In the order of `behaviours`, as in the provider's catalog.
    const { services } = await untilPublished(url, headers, Object.keys(behaviours).length)
    const [synchronous, asynchronous, endless] = services.map(({ id, plans: [first, second] }) => ({
      serviceId: id,
      planIds: [first?.id ?? '', second?.id ?? ''] as const,
    }))
    if (synchronous === undefined || asynchronous === undefined || endless === undefined)
      throw new Error('The catalog lacks an offering.')
    return {
      send: clientOf(url, headers),
      synchronous,
      asynchronous,
      endless,
      runDueSteps: () => runDueSteps(running.runtime.engine),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startSimulator(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-path-'))
  try {
    const file = join(folder, 'catalog.json')
    const services = Object.keys(behaviours).map(offeringOf)
    await writeFile(file, JSON.stringify({ services, behaviours }))
    return await startModule(
      fileURLToPath(new URL('../../bin/kontor.js', import.meta.url)),
      ['simulate', '--catalog', file, '--username', provider.username],
      { KONTOR_SIMULATOR_PASSWORD: provider.password },
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

function offeringOf(name: string) {
  const plans = ['small', 'large'].map((plan) => ({
    id: `${name}-${plan}`,
    name: plan,
    description: `A ${plan} database`,
  }))
  const description = `A database, ${name}`
  return { id: name, name, description, bindable: true, plan_updateable: true, plans }
}

/** @returns what the platform signs in with */
async function createPlatform(send: Send): Promise<string> {
  const organisation = { name: 'path', displayName: 'Path', level: 'kommune' }
  await send(201, 'POST', '/api/organisations', organisation)
  await send(201, 'POST', '/api/platforms', { name: 'path', organisation: 'path' })
  const issued = await send(201, 'POST', '/api/platforms/path/credentials', { kind: 'basic' })
  return basicAuth(String(issued['username']), String(issued['password']))
}

async function runDueSteps(engine: {
  runDue(onEnd: () => void): Promise<{ readonly begun: number }>
}): Promise<number> {
  const ends: Array<() => void> = []
  let ended = 0
  const { begun } = await engine.runDue(() => {
    ended++
    for (const end of ends) end()
  })
  while (ended < begun) await new Promise<void>((resolve) => ends.push(resolve))
  return begun
}
