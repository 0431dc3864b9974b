import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

// No OSB client sends a request before the answer to the last one; 32 requests are half a megabyte at most.
const maxWaiting = 32

/**
 * Bounds what answers may hold: on one connection one is made at a time, in the order of the requests (RFC 9112, 9.3.2), so
 * that a client that reads nothing costs one answer; and one that is not taken is given up with its connection. Node itself
 * stops to read only between chunks, and 64 kB hold two thousand requests.
 * @param server     with a timeout: for so long an answer may wait for the client without any of it being taken
 * @param onRefused  a connection was closed because too many requests wait on it
 */
export function limitAnswers(server: Server, onRefused: () => void): void {
  const waiting = new WeakMap<Socket, number>()
  // fastify's own
  const handlers = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  const handle: RequestListener = (request, response) => {
    for (const each of handlers) each(request, response)
  }
  server.on('request', (request, response) => {
    const { socket } = request
    // The rest of the chunk for which it was closed.
    if (socket.destroyed) return
    response.on('timeout', giveUpUntaken)
    // An answer has the socket only when those before it are out.
    if (response.socket !== null) {
      handle(request, response)
      return
    }
    const others = waiting.get(socket) ?? 0
    if (others === maxWaiting) {
      onRefused()
      socket.destroy()
      return
    }
    waiting.set(socket, others + 1)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      handle(request, response)
    })
  })
}

/** Nothing has moved. An answer that is still being made, as by a slow provider, has nothing to be taken yet. */
function giveUpUntaken(this: ServerResponse): void {
  if (this.socket !== null && this.socket.writableLength > 0) this.socket.destroy()
}
