import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface IdleConnections {
  /** Closes the one that has been idle for longest, if there is any. */
  closeOldest(): void
}

interface Line {
  open: number
  bytesRead: number
}

/**
 * Knows the connections of a server on which nothing is going on: the last answer is out, and nothing of a next request is
 * here. A new one is not among them: it was opened to send something, and the parser's own time for heads ends it.
 */
export function trackIdleConnections(server: Server): IdleConnections {
  const lines = new WeakMap<Socket, Line>()
  // In the order in which they became idle.
  const idle = new Set<Socket>()
  const lineOf = (socket: Socket): Line => {
    const known = lines.get(socket)
    if (known !== undefined) return known
    const line = { open: 0, bytesRead: 0 }
    lines.set(socket, line)
    socket.once('close', () => {
      idle.delete(socket)
    })
    return line
  }
  server.on('request', ({ socket }, response) => {
    const line = lineOf(socket)
    line.open++
    idle.delete(socket)
    response.once('close', () => {
      line.open--
      if (line.open > 0 || socket.destroyed) return
      line.bytesRead = socket.bytesRead
      idle.add(socket)
    })
  })
  return {
    closeOldest() {
      for (const socket of idle) {
        // Half a head, which nobody else knows of.
        if (lines.get(socket)?.bytesRead !== socket.bytesRead) continue
        socket.destroy()
        return
      }
    },
  }
}
