import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { Platform } from '../../tenancy/platform.ts'
import type { AccessScope, Principal } from '../../tenancy/principal.ts'
import type { Scope } from '../scope.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; null where everybody may call, and before authentication. */
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** What the table of the route's scope says; of a type that only that scope knows. */
    permission?: unknown
  }
}

/**
 * Authorizes each request to a scope by the scope's table of permissions, deny by default: a route
 * without an entry stops the start, and so does an entry without a route.
 */
export function authorize(
  app: FastifyInstance,
  scope: Pick<Scope, 'authenticate' | 'permissions' | 'prefix' | 'unknownPathPermission'>,
): void {
  const table = `the permissions of the scope "${scope.prefix}"`
  const unused = new Set(Object.keys(scope.permissions))
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      // fastify adds a HEAD route to every GET route by itself.
      const key = `${method === 'HEAD' ? 'GET' : method} ${route.url}`
      const permission = scope.permissions[key]
      if (permission === undefined) throw new Error(`The route ${key} has no entry in ${table}.`)
      unused.delete(key)
      route.config = { ...route.config, permission }
    }
  })
  app.addHook('onReady', async () => {
    if (unused.size > 0)
      throw new Error(`There are entries without a route in ${table}: ${[...unused].join(', ')}.`)
  })
  app.addHook('onRequest', (request, reply, done): void | Promise<void> => {
    const permission = request.is404
      ? scope.unknownPathPermission
      : request.routeOptions.config.permission
    if (permission === undefined)
      throw new BrokerError('forbidden', 'This route has no permission.')
    const waiting = scope.authenticate(request, reply, permission)
    if (waiting !== undefined) return waiting
    done()
  })
}

/** The platform that sends a request to a route for platforms. */
export function platformOf({ principal }: FastifyRequest): Platform {
  if (principal?.kind !== 'platform') throw new Error('This route is not for platforms.')
  return principal.platform
}

/** What the sender of a request to a route for people and machines may see. */
export function accessScopeOf({ principal }: FastifyRequest): AccessScope {
  if (principal?.kind !== 'person') throw new Error('This route is for platforms.')
  return principal.scope
}
