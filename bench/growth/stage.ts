// What the row "growth" needs: one Postgres, one Kontor with a small heap, and providers that only
// have catalogs.
import { join } from 'node:path'
import { request } from 'undici'
import { buildStage, platformHeaders, profileFlags } from '../base-stage.ts'
import { startKontor, type Server } from '../children.ts'
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

export function openGrowthStage(options: BenchOptions): Promise<GrowthStage> {
  return buildStage<Omit<GrowthStage, 'close'>>(async (base) => {
    const providers = await base.serve('catalogs', { offerings: offeringsEach })
    const flags = [`--max-old-space-size=${heapMegabytes}`, ...profileFlags(options)]
    const logFile = join(base.folder, 'kontor.log')
    const kontor = base.keep(await startKontor(options.kontor, base.settings, logFile, flags))
    const admin: GrowthStage['admin'] = async (method, path, body) => {
      const { statusCode, body: answer } = await request(`${kontor.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${base.adminToken}`,
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
      postgresPid: base.postgresPid,
      async createPlatform(name) {
        await admin('POST', '/api/platforms', { name, kind: 'kubernetes' })
        const issued = await admin('POST', `/api/platforms/${name}/credentials`, { kind: 'basic' })
        return platformHeaders(String(issued['username']), String(issued['password']))
      },
    }
  })
}
