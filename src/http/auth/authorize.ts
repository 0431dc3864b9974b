// Lets in who may come in: by the table of permissions, deny by default.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Platform } from '../../tenancy/platform.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Authenticate } from './authenticate.ts'
import { publicPrefixes, type Permission } from './permissions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission
  }
}

/** @param table  `METHOD /url` of every route of ours -> who may call it */
export function authorize(
  app: FastifyInstance,
  authenticate: Authenticate,
  table: Readonly<Record<string, Permission>>,
): void {
  const missing = new Set(Object.keys(table))
  app.decorateRequest('principal', null)
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      // fastify answers HEAD for every GET by itself.
      const key = `${method === 'HEAD' ? 'GET' : method} ${route.url}`
      const permission =
        table[key] ??
        (publicPrefixes.some((prefix) => isBelow(route.url, prefix)) ? 'public' : undefined)
      if (permission === undefined)
        throw new Error(`The route ${key} has no entry in http/auth/permissions.ts.`)
      missing.delete(key)
      route.config = { ...route.config, permission }
    }
  })
  app.addHook('onReady', async () => {
    if (missing.size > 0)
      throw new Error(
        `http/auth/permissions.ts has entries without a route: ${[...missing].join(', ')}.`,
      )
  })
  app.addHook('onRequest', (request, reply, done): void | Promise<void> => {
    const waiting = authenticate(
      request,
      reply,
      request.is404
        ? permissionBelow(request.url)
        : (request.routeOptions.config.permission ?? nobody),
    )
    if (waiting !== undefined) return waiting
    done()
  })
}

const nobody: Permission = []
const anyRole: Permission = ['operator', 'provider', 'agency', 'auditor']

/** Of an address that leads nowhere: it tells nothing to who may not ask. */
export function permissionBelow(url: string): Permission {
  if (isBelow(url, '/v2')) return 'platform'
  return isBelow(url, '/api') ? anyRole : 'public'
}

function isBelow(url: string, prefix: string): boolean {
  return url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`)
}

/** The platform of a request to a route for platforms. */
export function platformOf({ principal }: FastifyRequest): Platform {
  if (principal?.kind !== 'platform') throw new Error('This route is not for platforms.')
  return principal.platform
}

/** Whose data the sender of a request to a route for people and machines may see. */
export function accessScopeOf({ principal }: FastifyRequest): AccessScope {
  if (principal?.kind !== 'person') throw new Error('This route is for platforms.')
  return principal.scope
}
