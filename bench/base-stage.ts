// What every stage begins with: a folder, a Postgres in it, and the settings of a Kontor on it.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { basicAuth } from '../test/support/basic-auth.ts'
import { startPostgres } from '../tools/embedded-postgres/start.ts'
import { startModule, type Server } from './children.ts'
import { makeFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'

export interface Base {
  readonly folder: string
  readonly postgresPid: number
  readonly databaseUrl: string
  readonly adminToken: string
  /** Of a Kontor on this Postgres. */
  readonly settings: {
    readonly DATABASE_URL: string
    readonly KONTOR_ADMIN_TOKEN: string
    readonly [variable: string]: string
  }
  /** @param close  is called at the end of the stage, before what was registered earlier */
  onClose(close: () => Promise<unknown>): void
  /** Stops a server at the end of the stage. */
  keep(server: Server): Server
  /** Starts bench/serve.ts with one of the comparison servers. */
  serve(name: string, options: object): Promise<Server>
}

export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<Array<Record<string, unknown>>>

/**
 * @param build             makes the rest of the stage; if it fails, all is closed
 * @param postgresSettings  Postgres' own, by name
 * @param keptFolder        where Postgres lies and stays; by default its folder goes in the end
 */
export async function buildStage<Stage>(
  build: (base: Base) => Promise<Stage>,
  postgresSettings: Record<string, string> = {},
  keptFolder?: string,
): Promise<Stage & { close(): Promise<void> }> {
  const closers: Array<() => Promise<unknown>> = []
  const close = async () => {
    for (const closer of closers.splice(0).toReversed())
      await closer().catch((error: unknown) => {
        console.error(error)
      })
  }
  const onClose: Base['onClose'] = (closer) => {
    closers.push(closer)
  }
  try {
    return { ...(await build(await openBase(onClose, postgresSettings, keptFolder))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openBase(
  onClose: Base['onClose'],
  postgresSettings: Record<string, string>,
  keptFolder: string | undefined,
): Promise<Base> {
  const folder = keptFolder ?? (await makeFolder())
  if (keptFolder === undefined)
    onClose(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const postgres = await startPostgres({ folder, durable: true, settings: postgresSettings })
  onClose(() => postgres.stop())
  const keep: Base['keep'] = (server) => {
    onClose(() => server.stop())
    return server
  }
  const adminToken = randomBytes(32).toString('hex')
  return {
    folder,
    postgresPid: postgres.pid,
    databaseUrl: postgres.url,
    adminToken,
    settings: {
      DATABASE_URL: postgres.url,
      KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: adminToken,
      // One platform sends everything: its budget is looked after, but never spent.
      KONTOR_ORDER_RATE: '1000000',
      KONTOR_REQUEST_RATE: '1000000',
      PORT: '0',
    },
    onClose,
    keep,
    serve: async (name, options) =>
      keep(
        await startModule(fileURLToPath(new URL('./serve.ts', import.meta.url)), [
          name,
          JSON.stringify(options),
        ]),
      ),
  }
}

/** With which Kontor leaves a CPU profile, if it was asked for. */
export function profileFlags({ profile }: BenchOptions): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
}

/** What a platform sends with every request. */
export function platformHeaders(username: string, password: string): Record<string, string> {
  return {
    authorization: basicAuth(username, password),
    'x-broker-api-version': '2.17',
  }
}

/** Asks a database over one connection, until the stage closes. */
export function openQuery({ onClose }: Base, databaseUrl: string): Query {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  // Postgres, which stops after it, may cut it off.
  pool.on('error', () => {})
  onClose(() => pool.end())
  return async (text, values) =>
    (
      await pool.query<Record<string, unknown>>(
        text,
        values === undefined ? undefined : [...values],
      )
    ).rows
}
