// The Kontor of another source tree, which a run with --rival compares with this one.
import { join } from 'node:path'
import pg from 'pg'
import { runKontor, startKontor, type Server } from './children.ts'
import { registerProvider, untilPublished, type NewProvider } from './register.ts'
import { basicAuth } from '../test/support/basic-auth.ts'

export interface BenchPlatform {
  readonly id: string
  readonly username: string
  readonly password: string
}

type Environment = Readonly<Record<string, string>>

export interface RivalOptions {
  /** Its source tree, with node_modules. */
  readonly tree: string
  readonly environment: Environment & {
    readonly DATABASE_URL: string
    readonly KONTOR_ADMIN_TOKEN: string
  }
  readonly folder: string
  readonly provider: Omit<NewProvider, 'url'> & { readonly url: string }
}

/**
 * Fills the rival's database and copies it for this tree's Kontor: the schemas of two releases
 * differ, but platform, credentials and catalog must be the same on both sides.
 * @returns the rival's server on its own database, the URL of the copy, and the platform that both
 * know
 */
export async function startRival({ tree, environment, folder, provider }: RivalOptions): Promise<{
  readonly rival: Server
  readonly databaseUrl: string
  readonly platform: BenchPlatform
}> {
  const filling = await startKontor(tree, environment, join(folder, 'filling.log'), [])
  let platform: BenchPlatform
  try {
    platform = await createPlatform(tree, environment)
    await registerProvider(filling.url, environment.KONTOR_ADMIN_TOKEN, provider)
    await untilPublished(filling.url, {
      authorization: basicAuth(platform.username, platform.password),
      'x-broker-api-version': '2.17',
    })
  } finally {
    await filling.stop()
  }
  const databaseUrl = await copyDatabase(environment.DATABASE_URL)
  const rival = await startKontor(tree, environment, join(folder, 'rival.log'), [])
  return { rival, databaseUrl, platform }
}

/** Creates the platform that sends the requests. */
export async function createPlatform(
  tree: string,
  environment: Environment,
): Promise<BenchPlatform> {
  return JSON.parse(
    await runKontor(tree, ['platform', 'create', 'bench'], environment),
  ) as BenchPlatform
}

async function copyDatabase(url: string): Promise<string> {
  const copy = new URL(url)
  const name = copy.pathname.slice(1)
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  const client = new pg.Client({ connectionString: maintenance.href })
  await client.connect()
  try {
    await client.query(`create database ${name}_bench template ${name}`)
  } finally {
    await client.end()
  }
  copy.pathname = `/${name}_bench`
  return copy.href
}
