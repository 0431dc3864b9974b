// Two Kontors on copies of two kept databases, one with few rows and one with many, in the place of
// a Kontor and its rival.
import { join } from 'node:path'
import { request } from 'undici'
import { basicAuth } from '../../../test/support/basic-auth.ts'
import { buildStage, openQuery, platformHeaders } from '../../base-stage.ts'
import { runKontor, serveKontor } from '../../children.ts'
import { countingSettings, openCount } from '../../database-work.ts'
import type { BenchOptions, Sizes } from '../../options.ts'
import { untilPublished } from '../../register.ts'
import { providerUser, startSimulator, type Stage } from '../../stage.ts'
import { databasesOf, openKeptFolder, readSecrets } from './kept.ts'
import { prepareDatabases } from './prepare.ts'

export interface GrowthOfInstances extends Stage {
  /** Of the two databases, the one with few rows first. */
  readonly environments: readonly [Environment, Environment]
}

export type Environment = Readonly<Record<string, string>> & { readonly DATABASE_URL: string }

const connections = 10
const postgresSettings = {
  ...countingSettings,
  // What an operator gives a database of this size; most of the million rows still lie on disk.
  shared_buffers: '512MB',
  max_wal_size: '1GB',
}

export async function openGrowthOfInstances(
  options: BenchOptions,
  { instances, platforms }: Sizes,
): Promise<GrowthOfInstances> {
  await openKeptFolder(options.keep)
  return buildStage<Omit<GrowthOfInstances, 'close'>>(
    async (base) => {
      const { folder, keep } = base
      const secrets = await readSecrets(folder)
      const simulator = keep(await startSimulator(folder))
      const settings = {
        ...base.settings,
        KONTOR_KEYS: secrets.keys,
        KONTOR_ADMIN_TOKEN: secrets.adminToken,
        KONTOR_DATABASE_CONNECTIONS: String(connections),
      }
      const { adminToken } = secrets
      const provider = {
        name: 'bench',
        url: simulator.url,
        credentials: providerUser,
        concurrency: 1_000,
      }
      const { names, platform } = await prepareDatabases(
        { base, options, secrets, settings, provider },
        [0, 1].map((at) => ({ instances: instances[at] ?? 1, platforms: platforms[at] ?? 1 })),
      )
      const headers = platformHeaders(platform.username, platform.password)
      const databases = databasesOf(base.databaseUrl)
      const open = async (at: 0 | 1) => {
        const name = `${names[at]}_run${at}`
        const databaseUrl = await databases.create(name, names[at])
        base.onClose(() => databases.drop(name))
        const environment = { ...settings, DATABASE_URL: databaseUrl }
        const log = join(folder, `kontor-${at}.log`)
        const kontor = keep(await serveKontor(options.kontor, environment, log))
        await moveProvider(kontor.url, adminToken, simulator.url)
        await untilPublished(kontor.url, headers)
        return { kontor, environment }
      }
      const [few, many] = [await open(0), await open(1)]
      const query = openQuery(base, many.environment.DATABASE_URL)
      return {
        environments: [few.environment, many.environment],
        kontor: many.kontor,
        rival: few.kontor,
        simulator,
        headers,
        folder,
        connections,
        adminToken,
        query,
        databaseUrl: many.environment.DATABASE_URL,
        platformId: platform.id,
        postgresPid: base.postgresPid,
        providerAuthorization: basicAuth(providerUser.username, providerUser.password),
        countWork: await openCount(query),
        // The rows were counted when they were loaded.
        analyze: async () => {},
        openedAt: new Date(),
        runKontor: (args) => runKontor(options.kontor, args, many.environment),
        startAnother: notHere,
        openKontor: notHere,
        createDatabase: notHere,
        serve: base.serve,
      }
    },
    postgresSettings,
    options.keep,
  )
}

function notHere(): Promise<never> {
  return Promise.reject(new Error('The row cannot be run here.'))
}

/** The provider of an earlier run had another port. */
async function moveProvider(url: string, token: string, providerUrl: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const listed = await request(`${url}/api/providers`, { headers })
  const { items } = (await listed.body.json()) as { items: Array<{ id: string; name: string }> }
  const id = items.find(({ name }) => name === 'bench')?.id
  const { statusCode, body } = await request(`${url}/api/providers/${id}`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ settings: { url: providerUrl }, credentials: providerUser }),
  })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`The provider was not changed: ${text}`)
}
