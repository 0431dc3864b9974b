import type { Server, ServerOptions } from 'node:http'
import { createRateLimit } from './rate-limit.ts'
import { trackIdleConnections } from './idle.ts'

export interface ConnectionLimits {
  /** At a time. */
  readonly maxConnections: number
  /** How long a request may take to arrive. */
  readonly requestMs: number
}

/** Limits of Node's HTTP parser, for a server with TLS or without. */
export function parserLimits({ requestMs }: ConnectionLimits): ServerOptions {
  return {
    // The address and all headers; parser-errors.ts names this limit.
    maxHeaderSize: 16_384,
    requestTimeout: requestMs,
    // Counted from the opening of the connection: it also closes a connection on which nothing
    // arrives.
    headersTimeout: Math.ceil(requestMs / 2),
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(requestMs / 4)),
  }
}

/**
 * Limits the number of connections. One too many is closed at once without a response; to its
 * client the server is unreachable, so the client knows that nothing was done. For the next one the
 * connection that has been idle longest is closed, but per second no more than one in a hundred of
 * all: a client that opens connections without end must not close everybody else's.
 */
export function limitConnections(
  server: Server,
  { maxConnections }: ConnectionLimits,
  onRefused: () => void,
): void {
  // By default Node silently drops headers after the 2,000th. maxHeaderSize limits them already.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  const idle = trackIdleConnections(server)
  const closing = createRateLimit({ perSecond: Math.max(1, maxConnections / 100), burstSeconds: 1 })
  server.on('drop', () => {
    onRefused()
    if (closing.take('', performance.now()) === 0) idle.closeOldest()
  })
}
