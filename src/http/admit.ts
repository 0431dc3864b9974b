// What each request to a scope passes before its route, and what the route then knows of its
// sender.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../errors.ts'
import type { Platform } from '../tenancy/platform.ts'
import type { PersonPrincipal } from '../people/principal.ts'
import type { AccessScope, PlatformPrincipal } from '../tenancy/principal.ts'
import { assignPermissions } from './auth/assign-permissions.ts'
import type { RequestLimits } from './limits/request-limits.ts'
import type { Scope } from './scope.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; null where everybody may call, and before authentication. */
    principal: PersonPrincipal | PlatformPrincipal | null
    /**
     * Admits the sender once more and sets `principal` anew: of a stream, which outlives what let
     * it in. Throws as at first.
     */
    admitAgain: (() => void | Promise<void>) | null
  }
  interface FastifyContextConfig {
    /** Its answers are streams of events. */
    isStream?: boolean
  }
}

/**
 * Admits the requests to a scope: authenticates and authorizes the sender by the scope's table of
 * permissions, then checks the limits, before the route reads or writes anything, so that "Nothing
 * was done" is true. Only authentication may have written: a person at its first sign-in, and once
 * a minute what its issuer says anew of its name. All in one hook that is not async: each promise
 * costs some microseconds.
 */
export function admitRequests(app: FastifyInstance, scope: Scope, limits: RequestLimits): void {
  assignPermissions(app, scope)
  app.addHook('onRoute', (route) => {
    const traffic = scope.trafficOf([route.method].flat()[0] ?? 'GET', route.url)
    route.config = { ...route.config, traffic }
  })
  app.addHook('onRequest', (request, reply, done): void | Promise<void> => {
    setHeaders(scope, request, reply)
    const {
      permission,
      traffic = scope.unknownPathTraffic,
      isStream = false,
    } = request.is404 ? { permission: scope.unknownPathPermission } : request.routeOptions.config
    if (permission === undefined)
      throw new BrokerError('forbidden', 'This route has no permission.')
    if (isStream) request.admitAgain = () => scope.authenticate(request, reply, permission)
    const waiting = scope.authenticate(request, reply, permission)
    if (waiting !== undefined)
      return waiting.then(() => {
        limits.check(request, traffic)
      })
    limits.check(request, traffic)
    done()
  })
}

/** The client's own id of a request, with which it finds the request in logs. */
export const requestIdentityHeader = 'x-broker-api-request-identity'

/** Puts on an answer the headers of its scope, and echoes X-Broker-API-Request-Identity. */
export function setHeaders(scope: Scope, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(scope.headers)
  // Node joins the values of a repeated header into one string; only the type allows an array.
  const identity = request.headers[requestIdentityHeader]?.toString() ?? ''
  if (identity !== '') reply.header(requestIdentityHeader, identity)
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
