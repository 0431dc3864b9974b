import type { FastifyRequest } from 'fastify'

/** Whether `assets/live.js` asks for a page again: only what changes by itself is needed then. */
export function isLiveRequest({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['kontor-live'] !== undefined
}

/** Whether a script asks, and not a person: a page that is left open must not seem to be used. */
export function isAskedByScript(request: Pick<FastifyRequest, 'headers' | 'method'>): boolean {
  const { headers, method } = request
  const isStream = headers.accept === 'text/event-stream'
  const isScript = isLiveRequest(request) || isStream || headers['sec-fetch-dest'] === 'empty'
  return method === 'GET' && isScript
}
