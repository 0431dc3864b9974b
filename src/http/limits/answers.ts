import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

// No OSB client sends a request before the response to its last one. 32 requests are at most half a
// megabyte.
const maxWaiting = 32

/**
 * Bounds the memory of responses that clients do not read. Each connection has one response in
 * progress at a time, in the order of its requests (RFC 9112, 9.3.2), and a response that the
 * client does not read closes its connection. Node itself stops reading requests only between
 * chunks, and a chunk of 64 kB holds two thousand requests.
 * @param server     its timeout is how long a response may make no progress because the client does
 *   not read
 * @param onRefused  called when a connection is closed because too many of its requests wait
 */
export function limitAnswers(server: Server, onRefused: () => void): void {
  const waiting = new WeakMap<Socket, number>()
  const [handle, ...others] = server.listeners('request') as RequestListener[]
  if (handle === undefined || others.length > 0)
    throw new Error("Call limitAnswers while fastify's is the only listener for requests.")
  server.removeListener('request', handle)
  server.on('request', (request, response) => {
    const { socket } = request
    // Destroyed below, for an earlier request of the same chunk.
    if (socket.destroyed) return
    response.on('timeout', closeIfUnread)
    // Node assigns the socket to a response only when the responses before it are sent.
    if (response.socket !== null) {
      handle(request, response)
      return
    }
    const count = waiting.get(socket) ?? 0
    if (count === maxWaiting) {
      onRefused()
      socket.destroy()
      return
    }
    waiting.set(socket, count + 1)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      handle(request, response)
    })
  })
}

/** A response that a slow provider still delays has written nothing that could be unread. */
function closeIfUnread(this: ServerResponse): void {
  if (this.socket !== null && this.socket.writableLength > 0) this.socket.destroy()
}
