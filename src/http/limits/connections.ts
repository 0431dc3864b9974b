import type { Server, ServerOptions } from 'node:http'
import { createRateLimit } from './rate-limit.ts'
import { trackIdleConnections } from './idle.ts'

export interface ConnectionLimits {
  /** At a time. */
  readonly maxConnections: number
  /** How long a request may take to arrive. */
  readonly requestMs: number
}

/** What Node's HTTP parser is to bear, of a server with TLS or without. */
export function parserLimits({ requestMs }: ConnectionLimits): ServerOptions {
  return {
    // The address and all headers; http/errors.ts says so to whoever sends more.
    maxHeaderSize: 16_384,
    requestTimeout: requestMs,
    // From the opening of the connection on: one that sends nothing at all is closed too.
    headersTimeout: Math.ceil(requestMs / 2),
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(requestMs / 4)),
  }
}

/**
 * Bounds connections. One too many is closed at once without an answer, which clients take for a server that cannot be
 * reached: nothing was sent. The one that has been idle for longest then makes room for the next, but no more than a
 * hundredth of all in a second: who opens connections without end must not close those of everybody.
 */
export function limitConnections(
  server: Server,
  { maxConnections }: ConnectionLimits,
  onRefused: () => void,
): void {
  // More than 2,000 headers would be left out without a word; 16 kB bound them.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  const idle = trackIdleConnections(server)
  const closes = createRateLimit({ perSecond: Math.max(1, maxConnections / 100), burstSeconds: 1 })
  server.on('drop', () => {
    onRefused()
    if (closes.take('', performance.now()) === 0) idle.closeOldest()
  })
}
