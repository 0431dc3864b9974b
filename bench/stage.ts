// Everything a row needs: one Postgres, one simulated provider, one Kontor, and a way to start a
// server beside them.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { basicAuth } from '../test/support/basic-auth.ts'
import { readDemoCatalog } from '../tools/simulator/demo-catalog.ts'
import {
  buildStage,
  openQuery,
  platformHeaders,
  profileFlags,
  type Base,
  type Query,
} from './base-stage.ts'
import { analyzeAll, countingSettings, openCount, type CountWork } from './database-work.ts'
import { runKontor, serveKontor, startKontor, startModule, type Server } from './children.ts'
import type { BenchOptions } from './options.ts'
import { registerProvider, untilPublished } from './register.ts'
import { createPlatform, startRival } from './rival.ts'

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
  readonly query: Query
  readonly countWork: CountWork
  /** As `analyzeAll`. */
  analyze(): Promise<void>
  /** Rows of earlier orders are not looked at. */
  readonly openedAt: Date
  readonly adminToken: string
  /** Id of the platform that sends the requests. */
  readonly platformId: string
  /** Runs a command of the Kontor that is measured, on its database. */
  runKontor(args: readonly string[]): Promise<string>
  /**
   * Starts another process of the Kontor that is measured, on its database.
   * @param databaseUrl  another way to it
   */
  startAnother(databaseUrl?: string): Promise<Server>
  /** Makes another database with Kontor's schema. @returns its URL */
  createDatabase(name: string): Promise<string>
  /** Starts this tree's Kontor without any access control, on the same database. */
  openKontor(): Promise<Server>
  /** Starts bench/serve.ts with one of the comparison servers. */
  serve(name: string, options: Readonly<Record<string, unknown>>): Promise<Server>
  close(): Promise<void>
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
export const providerUser = { username: 'kontor', password: 'bench-provider' }
const connections = 10

/** @param nodeArgs  with which Kontor is started */
export function openStage(options: BenchOptions, nodeArgs: readonly string[] = []): Promise<Stage> {
  return buildStage<Omit<Stage, 'close'>>(async (base) => {
    const { folder, keep, adminToken } = base
    const simulator = keep(await startSimulator(folder))
    const settings = { ...base.settings, KONTOR_DATABASE_CONNECTIONS: String(connections) }
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
    const rival = other && keep(other.rival)
    const databaseUrl = other?.databaseUrl ?? base.databaseUrl
    const environment = { ...settings, DATABASE_URL: databaseUrl }
    const flags = [...nodeArgs, ...profileFlags(options)]
    const logFile = join(folder, 'kontor.log')
    const kontor = keep(await startKontor(options.kontor, environment, logFile, flags))
    // The rival's rows may be older than MACs: a new database has them from its beginning.
    if (other !== undefined && existsSync(join(options.kontor, 'src/cli/seal-rows.ts')))
      await runKontor(options.kontor, ['key', 'seal-rows'], environment)
    const platform = other?.platform ?? (await createPlatform(options.kontor, environment))
    if (other === undefined) await registerProvider(kontor.url, adminToken, provider)
    const headers = platformHeaders(platform.username, platform.password)
    for (const server of rival === undefined ? [kontor] : [kontor, rival])
      await untilPublished(server.url, headers)
    const query = openQuery(base, databaseUrl)
    return {
      kontor,
      rival,
      simulator,
      headers,
      folder,
      connections,
      adminToken,
      databaseUrl,
      platformId: platform.id,
      postgresPid: base.postgresPid,
      providerAuthorization: basicAuth(providerUser.username, providerUser.password),
      query,
      countWork: await openCount(query),
      analyze: () => analyzeAll(query, databaseUrl),
      openedAt: new Date(),
      runKontor: (args) => runKontor(options.kontor, args, environment),
      async startAnother(url = databaseUrl) {
        const settings = { ...environment, DATABASE_URL: url }
        return keep(await serveKontor(options.kontor, settings, join(folder, 'another.log'), flags))
      },
      async createDatabase(name) {
        await query(`create database ${name}`)
        const url = new URL(databaseUrl)
        url.pathname = `/${name}`
        await runKontor(options.kontor, ['migrate'], { ...environment, DATABASE_URL: url.href })
        return url.href
      },
      openKontor: () => startOpenKontor(base, platform.id, environment),
      serve: base.serve,
    }
  }, countingSettings)
}

async function startOpenKontor(
  { keep }: Base,
  platformId: string,
  environment: Readonly<Record<string, string>>,
): Promise<Server> {
  const variables = { ...environment, LOG_LEVEL: 'warn' }
  return keep(await startModule(here('./open-kontor.ts'), [platformId], variables))
}

export async function startSimulator(folder: string): Promise<Server> {
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
