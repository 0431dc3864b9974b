import type { Server, ServerOptions } from 'node:http'

export interface ConnectionLimits {
  /** At a time. */
  readonly maxConnections: number
  /** How long a request may take to arrive. */
  readonly requestMs: number
}

/** What Node's HTTP parser is to bear, of a server with TLS or without. */
export function parserLimits ({ requestMs }: ConnectionLimits): ServerOptions {
  return {
    // The address and all headers; http/errors.ts says so to whoever sends more.
    maxHeaderSize: 16_384,
    requestTimeout: requestMs,
    // From the opening of the connection on: one that sends nothing at all is closed too.
    headersTimeout: Math.ceil(requestMs / 2),
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(requestMs / 4))
  }
}

const sweepMs = 1_000

/**
 * Bounds connections. One too many is closed at once without an answer, which clients take for a server that cannot be
 * reached: nothing was sent. Idle ones then make room for the next.
 */
export function limitConnections (server: Server, { maxConnections }: ConnectionLimits, onRefused: () => void): void {
  // More than 2,000 headers would be left out without a word; 16 kB bound them.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  let sweptMs = -sweepMs
  server.on('drop', () => {
    onRefused()
    const nowMs = performance.now()
    if (nowMs - sweptMs < sweepMs) return
    sweptMs = nowMs
    server.closeIdleConnections()
  })
}
