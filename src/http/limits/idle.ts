import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface IdleConnections {
  /** Closes the connection that has been idle longest, if there is one. */
  closeOldest(): void
}

interface Connection {
  openRequests: number
  /** When it became idle. */
  bytesRead: number
}

/**
 * Tracks the idle connections of a server: the last response is sent, and nothing of a next request
 * has arrived. A new connection does not count as idle: it was opened to send something, and the
 * parser's headersTimeout ends it.
 */
export function trackIdleConnections(server: Server): IdleConnections {
  const connections = new WeakMap<Socket, Connection>()
  // In the order in which they became idle.
  const idle = new Set<Socket>()
  server.on('request', ({ socket }, response) => {
    const known = connections.get(socket)
    const connection = known ?? { openRequests: 0, bytesRead: 0 }
    if (known === undefined) {
      connections.set(socket, connection)
      socket.once('close', () => {
        idle.delete(socket)
      })
    }
    connection.openRequests++
    idle.delete(socket)
    response.once('close', () => {
      connection.openRequests--
      if (connection.openRequests > 0 || socket.destroyed) return
      connection.bytesRead = socket.bytesRead
      idle.add(socket)
    })
  })
  return {
    closeOldest() {
      for (const socket of idle) {
        // Part of a next request has arrived, for which Node has no event.
        if (connections.get(socket)?.bytesRead !== socket.bytesRead) continue
        socket.destroy()
        return
      }
    },
  }
}
