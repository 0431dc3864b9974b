import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BrokerError } from '../errors.ts'
import type { TrafficClass } from './limits/traffic-class.ts'

/**
 * One entry point: everything in which it differs from the others. A Fastify plugin of its own
 * carries it out (register-scope.ts), so nothing has to ask a URL which entry point it belongs to.
 */
export interface Scope<Permission = unknown> {
  /**
   * What the paths of all its routes begin with, such as `/v2`; empty for routes right below the
   * root.
   */
  readonly prefix: string
  /**
   * `METHOD /whole/path` of each of its routes, and who may call it. A route without an entry stops
   * the start, and so does an entry without a route.
   */
  readonly permissions: Readonly<Record<string, Permission>>
  /** Needed for a path without a route: clients without it must not learn which paths exist. */
  readonly unknownPathPermission: Permission
  /**
   * Whether clients may sign in with a TLS certificate, so that a wrong one counts as a failed
   * sign-in.
   */
  readonly acceptsCertificates: boolean
  /** Of each answer, errors too. */
  readonly headers: Readonly<Record<string, string>>
  readonly unknownPathTraffic: TrafficClass
  /** @param path  of the route, with `:parameters`; asked once for each route, at the start */
  trafficOf(method: string, path: string): TrafficClass
  /**
   * Sets `request.principal`, or throws `unauthorized` or `forbidden`. Returns a promise only where
   * it has to wait: each costs some microseconds.
   */
  authenticate(
    request: FastifyRequest,
    reply: FastifyReply,
    permission: Permission,
  ): void | Promise<void>
  sendError(error: BrokerError, request: FastifyRequest, reply: FastifyReply): FastifyReply
  addRoutes(app: FastifyInstance): void | Promise<void>
}

/**
 * The scopes that answer paths without a route, longest prefix first. Where several scopes have one
 * prefix, this is the last of them.
 */
export function scopesOfUnknownPaths(scopes: readonly Scope[]): readonly Scope[] {
  const byPrefix = new Map(scopes.map((scope) => [scope.prefix, scope]))
  if (!byPrefix.has(''))
    throw new Error('No scope has the empty prefix: the other paths need one that answers them.')
  return [...byPrefix.values()].toSorted((a, b) => b.prefix.length - a.prefix.length)
}

// An absolute request target is valid HTTP (RFC 9112, 3.2.2), and the router takes it.
const origin = /^https?:\/\/[^/?]*/i

/**
 * The scope of a request that the router refused before any route or hook: only its URL is there to
 * go by.
 * @param scopes  as `scopesOfUnknownPaths` returns them
 */
export function scopeOfUrl(scopes: readonly Scope[], url: string): Scope {
  const path = url.replace(origin, '').split('?')[0] ?? ''
  const found = scopes.find(
    ({ prefix }) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`),
  )
  if (found === undefined) throw new Error('No scope has the empty prefix.')
  return found
}
