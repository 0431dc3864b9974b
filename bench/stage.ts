// Everything a row needs: one Postgres, one simulated provider, one Kontor, and a way to start a server beside them.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startPostgres } from '../tools/embedded-postgres/start.ts'
import { readDemoCatalog } from '../tools/simulator/demo-catalog.ts'
import { runKontor, startKontor, startModule, type Server } from './children.ts'
import { makeFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'
import { registerProvider, untilPublished } from './register.ts'
import { createPlatform, startRival } from './rival.ts'
import { basicAuth } from '../test/support/basic-auth.ts'

export interface Stage {
  readonly kontor: Server
  /** The Kontor of another source tree, on a database of its own. */
  readonly rival: Server | undefined
  readonly simulator: Server
  readonly postgresPid: number
  /** What a platform sends with every request. */
  readonly headers: Readonly<Record<string, string>>
  readonly databaseUrl: string
  /** Of each Kontor and of each comparison server. */
  readonly connections: number
  /** Credentials for the simulator. */
  readonly providerAuthorization: string
  readonly folder: string
  query(text: string, values?: readonly unknown[]): Promise<Array<Record<string, unknown>>>
  readonly adminToken: string
  /** Id of the platform that sends the requests. */
  readonly platformId: string
  /** Runs a command of the Kontor that is measured, on its database. */
  runKontor(args: readonly string[]): Promise<string>
  /** Starts this tree's Kontor without any access control, on the same database. */
  openKontor(): Promise<Server>
  /** Starts bench/serve.ts with one of the comparison servers. */
  serve(name: string, options: Readonly<Record<string, unknown>>): Promise<Server>
  close(): Promise<void>
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const providerUser = { username: 'kontor', password: 'bench-provider' }
const connections = 10

/** @param nodeArgs  with which Kontor is started */
export async function openStage(
  options: BenchOptions,
  nodeArgs: readonly string[] = [],
): Promise<Stage> {
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
    const postgres = await startPostgres({ folder, durable: true })
    closers.push(() => postgres.stop())
    const simulator = await startSimulator(folder)
    closers.push(() => simulator.stop())
    const settings = {
      DATABASE_URL: postgres.url,
      KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
      // One platform sends everything: its budget is looked after, but never spent.
      KONTOR_ORDER_RATE: '1000000',
      KONTOR_REQUEST_RATE: '1000000',
      KONTOR_DATABASE_CONNECTIONS: String(connections),
      PORT: '0',
    }
    const provider = {
      name: 'bench',
      url: simulator.url,
      credentials: providerUser,
      concurrency: 1_000,
    }
    const other =
      options.rival === undefined
        ? undefined
        : await startRival({ tree: options.rival, environment: settings, folder, provider })
    const rival = other?.rival
    if (rival !== undefined) closers.push(() => rival.stop())
    const environment = { ...settings, DATABASE_URL: other?.databaseUrl ?? postgres.url }
    const flags = [
      ...nodeArgs,
      ...(options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]),
    ]
    const kontor = await startKontor(options.kontor, environment, join(folder, 'kontor.log'), flags)
    closers.push(() => kontor.stop())
    const platform = other?.platform ?? (await createPlatform(options.kontor, environment))
    if (other === undefined)
      await registerProvider(kontor.url, environment.KONTOR_ADMIN_TOKEN, provider)
    const headers = {
      authorization: basicAuth(platform.username, platform.password),
      'x-broker-api-version': '2.17',
    }
    for (const server of rival === undefined ? [kontor] : [kontor, rival])
      await untilPublished(server.url, headers)
    const pool = new pg.Pool({ connectionString: environment.DATABASE_URL, max: 1 })
    closers.push(() => pool.end())
    return {
      kontor,
      rival,
      simulator,
      headers,
      folder,
      connections,
      close,
      adminToken: environment.KONTOR_ADMIN_TOKEN,
      platformId: platform.id,
      postgresPid: postgres.pid,
      databaseUrl: environment.DATABASE_URL,
      providerAuthorization: basicAuth(providerUser.username, providerUser.password),
      query: async (text, values) =>
        (
          await pool.query<Record<string, unknown>>(
            text,
            values === undefined ? undefined : [...values],
          )
        ).rows,
      runKontor: async (args) => runKontor(options.kontor, args, environment),
      async openKontor() {
        const server = await startModule(here('./open-kontor.ts'), [platform.id], {
          ...environment,
          LOG_LEVEL: 'warn',
        })
        closers.push(() => server.stop())
        return server
      },
      async serve(name, settings) {
        const server = await startModule(here('./serve.ts'), [name, JSON.stringify(settings)])
        closers.push(() => server.stop())
        return server
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function startSimulator(folder: string): Promise<Server> {
  const services = readDemoCatalog(here('../demo/catalog.yaml')).flatMap(
    ({ catalog }) => catalog.services,
  )
  const file = join(folder, 'catalog.json')
  await writeFile(file, JSON.stringify({ provider: 'bench', services }))
  const args = [
    '--catalog',
    file,
    '--username',
    providerUser.username,
    '--seconds',
    '0',
    '--open-inspection',
  ]
  return startModule(here('../tools/simulator/main.ts'), args, {
    KONTOR_SIMULATOR_PASSWORD: providerUser.password,
  })
}
