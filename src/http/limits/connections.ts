import type { Server, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import { createRateLimit } from './rate-limit.ts'
import { trackConnections } from './open-connections.ts'

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
 * Limits the number of connections. For one too many another is closed: the one whose client has
 * owed the rest of a request for longest, if that is a thirtieth of `requestMs`; or the one that
 * has been idle for longest, but per second no more than one in a hundred of all; or the one whose
 * client has left bytes of an answer unread for longest, again for a thirtieth; or else the one
 * whose client has owed the rest of a request for any time. So clients that open connections
 * without end and send or read slowly close each other's connections, and a health probe gets in.
 * Where all connections wait for their answers, the new one is closed without a response; to its
 * client the server is unreachable, so the client knows that nothing was done.
 */
export function limitConnections(
  server: Server,
  { maxConnections, requestMs }: ConnectionLimits,
  onRefused: () => void,
): void {
  // By default Node silently drops headers after the 2,000th. maxHeaderSize limits them already.
  server.maxHeadersCount = 0
  const slowMs = requestMs / 30
  const connections = trackConnections(server, slowMs / 2)
  const closing = createRateLimit({ perSecond: Math.max(1, maxConnections / 100), burstSeconds: 1 })
  server.on('connection', (socket: Socket) => {
    if (connections.count() <= maxConnections) return
    onRefused()
    const hasRoom =
      connections.closeSlowest(socket, slowMs) ||
      connections.closeIdle(() => closing.take('', performance.now()) === 0) ||
      connections.closeUnread(slowMs) ||
      connections.closeSlowest(socket, 0)
    if (!hasRoom) socket.destroy()
  })
}
