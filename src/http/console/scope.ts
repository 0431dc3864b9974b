import formbody from '@fastify/formbody'
import { hstsHeaders } from '../limits/security-headers.ts'
import type { TrafficClass } from '../limits/traffic-class.ts'
import { refreshCaches, type RefreshDeps } from '../refresh-caches.ts'
import type { Scope } from '../scope.ts'
import { assetPermissions, assetRoutes } from './assets.ts'
import { logoutPermissions, logoutRoute } from './back-channel-logout.ts'
import { useCookies } from './cookies.ts'
import { sendErrorPage } from './error-page.ts'
import type { PageDeps } from './asked.ts'
import { pageRoutes } from './page.ts'
import type { PagePermission } from './permission.ts'
import { pages } from './pages/pages.ts'
import { createSessionAuthentication } from './sessions.ts'

export interface ConsoleDeps extends PageDeps, RefreshDeps {
  readonly hstsSeconds: number
}

const clicks: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1, reason: 'request_rate' },
  underPressure: { fromLevel: 2, code: 'overloaded' },
}

// Not refused under pressure: the issuer says it once, and the session would stay.
const logouts: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1, reason: 'request_rate' },
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  // Not "no-referrer": browsers would then send forms with `Origin: null`.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/** The web console: pages for people, and the files that these load. */
export function consoleScope(deps: ConsoleDeps): Scope<PagePermission> {
  const authenticate = createSessionAuthentication(deps)
  return {
    prefix: '',
    permissions: {
      ...Object.fromEntries(Object.entries(pages).map(([key, page]) => [key, page.permission])),
      ...assetPermissions,
      ...logoutPermissions,
    },
    unknownPathPermission: 'public',
    acceptsCertificates: false,
    headers: { ...headers, ...hstsHeaders(deps.hstsSeconds) },
    unknownPathTraffic: clicks,
    trafficOf: (method, url) => (`${method} ${url}` in logoutPermissions ? logouts : clicks),
    authenticate: (request, _reply, permission) => authenticate(request, permission),
    sendError: (error, request, reply) => sendErrorPage(deps, error, request, reply),
    async addRoutes(app) {
      await useCookies(app)
      await app.register(formbody)
      await assetRoutes(app)
      refreshCaches(app, deps)
      pageRoutes(app, pages, deps)
      logoutRoute(app, deps)
    },
  }
}
