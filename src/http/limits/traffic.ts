// What a route is when there is too much to do, and who asks.
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 *  - `order`   a platform's provision, update and bind: refused first
 *  - `read`    what a platform can ask for again at any time
 *  - `poll`, `delete`  a platform's: they end what is under way and clean up
 *  - `change`, `look`  the management API: whoever is to mend things must get in
 *  - `open`    documentation, for anybody, who must not be what Kontor is too busy with
 *  - `figures` for anybody too: what tells an operator what is the matter
 *  - `health`  never refused
 */
export type Traffic =
  'order' | 'read' | 'poll' | 'delete' | 'change' | 'look' | 'open' | 'figures' | 'health'

declare module 'fastify' {
  interface FastifyContextConfig {
    traffic?: Traffic
  }
}

/** Writes down at each route what it is, so that nothing is to be found out when a request comes. */
export function sortTraffic(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = {
      ...route.config,
      traffic: trafficOf([route.method].flat()[0] ?? 'GET', route.url),
    }
  })
}

function trafficOf(method: string, url: string): Traffic {
  const isRead = method === 'GET' || method === 'HEAD'
  if (url.startsWith('/v2/')) {
    if (method === 'DELETE') return 'delete'
    if (url.endsWith('/last_operation')) return 'poll'
    return isRead ? 'read' : 'order'
  }
  if (url.startsWith('/api/')) return isRead ? 'look' : 'change'
  if (url === '/metrics') return 'figures'
  return url === '/healthz' || url === '/readyz' ? 'health' : 'open'
}

/** Whose budget a request is taken from: that of who signed in, wherever he asks from; else of the address. */
export function holderOf(request: FastifyRequest): string {
  const { principal } = request
  if (principal === null) return networkOf(request.ip)
  return principal.kind === 'platform' ? principal.platform.id : principal.actor
}

/** An address, or of IPv6 the half that one subscriber has. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [before = '', after] = address.split('::')
  const front = before.split(':')
  if (after === undefined) return `${front.slice(0, 4).join(':')}::/64`
  const back = after.split(':')
  const groups = [
    ...front,
    ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'),
    ...back,
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}
