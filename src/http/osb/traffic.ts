import type { TrafficClass } from '../limits/traffic-class.ts'

/**
 * Provision, update and bind: refused first. With 429, never 503: after a 5xx a platform sends a
 * delete for what may exist now, so that each refusal would cause another request.
 */
const order: TrafficClass = {
  noun: 'orders',
  rateLimit: { rate: 'orders', times: 1, reason: 'order_rate' },
  underPressure: { fromLevel: 1, code: 'rate_limited' },
}

/** A platform can ask for the same again at any time. */
export const read: TrafficClass = {
  noun: 'requests',
  rateLimit: { rate: 'requests', times: 1, reason: 'request_rate' },
  underPressure: { fromLevel: 2, code: 'overloaded' },
}

/** Polls end what is under way. Refusing one saves nothing: it comes again. */
const poll: TrafficClass = {
  noun: 'polls',
  rateLimit: { rate: 'requests', times: 4, reason: 'poll_rate' },
}

/**
 * Apart from polls: a platform that polls much must still get rid of its orphans. Limited
 * nonetheless: the delete of an instance that does not exist costs two queries.
 */
const remove: TrafficClass = {
  noun: 'deletes',
  rateLimit: { rate: 'requests', times: 4, reason: 'delete_rate' },
}

export function trafficOf(method: string, path: string): TrafficClass {
  if (method === 'DELETE') return remove
  if (path.endsWith('/last_operation')) return poll
  return method === 'GET' || method === 'HEAD' ? read : order
}
