// What the row "growth" needs: one Postgres, one Kontor with a small heap, and providers that only have catalogs.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import { basicAuth } from '../../test/support/basic-auth.ts'
import { startKontor, startModule, type Server } from '../children.ts'
import { makeFolder } from '../folder.ts'
import type { BenchOptions } from '../options.ts'

export const offeringsEach = 44
const heapMegabytes = 384

export interface GrowthStage {
  readonly kontor: Server
  readonly postgresPid: number
  readonly providers: Server
  /** Calls the management API. @throws Error for an answer that is no success */
  admin(method: 'POST' | 'GET', path: string, body?: object): Promise<Record<string, unknown>>
  /** Creates a platform. @returns what it sends with every request */
  createPlatform(name: string): Promise<Record<string, string>>
  close(): Promise<void>
}

export async function openGrowthStage(options: BenchOptions): Promise<GrowthStage> {
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
    const providers = await startModule(fileURLToPath(new URL('../serve.ts', import.meta.url)), [
      'catalogs',
      JSON.stringify({ offerings: offeringsEach }),
    ])
    closers.push(() => providers.stop())
    const token = randomBytes(32).toString('hex')
    const environment = {
      DATABASE_URL: postgres.url,
      KONTOR_PROVIDER_NETWORKS: '127.0.0.0/8,::1',
      KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      KONTOR_ADMIN_TOKEN: token,
      KONTOR_ORDER_RATE: '1000000',
      KONTOR_REQUEST_RATE: '1000000',
      PORT: '0',
    }
    const profile =
      options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
    const kontor = await startKontor(options.kontor, environment, join(folder, 'kontor.log'), [
      `--max-old-space-size=${heapMegabytes}`,
      ...profile,
    ])
    closers.push(() => kontor.stop())
    const admin: GrowthStage['admin'] = async (method, path, body) => {
      const { statusCode, body: answer } = await request(`${kontor.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headersTimeout: 120_000,
      })
      const text = await answer.text()
      if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`)
      return JSON.parse(text) as Record<string, unknown>
    }
    return {
      kontor,
      providers,
      admin,
      close,
      postgresPid: postgres.pid,
      async createPlatform(name) {
        await admin('POST', '/api/platforms', { name, kind: 'kubernetes' })
        const issued = await admin('POST', `/api/platforms/${name}/credentials`, { kind: 'basic' })
        return {
          authorization: basicAuth(String(issued['username']), String(issued['password'])),
          'x-broker-api-version': '2.17',
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
