// Who may call what: one table, deny by default. A route without a permission stops the boot.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import type { Platform } from '../../tenancy/platform.ts'
import type { SignIn } from '../../tenancy/sign-in.ts'

/**
 *  - `public`    anybody: health, documentation
 *  - `platform`  a platform with its own credentials: everything below /v2
 *  - `admin`     the bearer of the admin token: everything below /api
 */
export type Permission = 'public' | 'platform' | 'admin'

declare module 'fastify' {
  interface FastifyContextConfig { permission?: Permission }
  interface FastifyRequest { platform: Platform | null }
}

export interface AuthDeps {
  readonly signIn: SignIn
  readonly adminToken: string
}

// Pages of a package, whose routes we cannot mark ourselves.
const publicPrefixes = ['/docs']

/** Lets a request through or throws `unauthorized`; tells the request which platform it comes from. */
export type Gate = (request: FastifyRequest, reply: FastifyReply, permission: Permission) => void

export function createGate (deps: AuthDeps): Gate {
  const adminDigest = sha256(deps.adminToken)
  return (request, reply, permission) => {
    switch (permission) {
      case 'public': return
      case 'platform': {
        const platform = deps.signIn.platformOf(request.headers.authorization)
        if (platform !== undefined) { request.platform = platform; return }
        reply.header('www-authenticate', 'Basic realm="kontor", charset="UTF-8"')
        throw new BrokerError('unauthorized', 'Sign in with the credentials of a platform.')
      }
      case 'admin': {
        const [, token] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
        if (token !== undefined && timingSafeEqual(sha256(token), adminDigest)) return
        reply.header('www-authenticate', 'Bearer realm="kontor"')
        throw new BrokerError('unauthorized', 'Send the admin token as a bearer token.')
      }
      default: return permission satisfies never
    }
  }
}

export function permit (app: FastifyInstance, gate: Gate): void {
  app.decorateRequest('platform', null)
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission ?? (publicPrefixes.some((prefix) => route.url.startsWith(prefix)) ? 'public' : undefined)
    if (permission === undefined) throw new Error(`The route ${String(route.method)} ${route.url} has no permission.`)
    route.config = { ...route.config, permission }
  })
  app.addHook('onRequest', (request, reply, done) => {
    gate(request, reply, request.is404 ? permissionBelow(request.url) : request.routeOptions.config.permission ?? 'admin')
    done()
  })
}

/** Of an address that leads nowhere: it tells nothing to who may not ask. */
export function permissionBelow (url: string): Permission {
  if (isBelow(url, '/v2')) return 'platform'
  return isBelow(url, '/api') ? 'admin' : 'public'
}

function isBelow (url: string, prefix: string): boolean {
  return url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`)
}

function sha256 (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The platform of a request to a `platform` route. */
export function platformOf (request: FastifyRequest): Platform {
  if (request.platform === null) throw new Error('This route is not marked for platforms.')
  return request.platform
}
