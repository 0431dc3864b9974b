import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** The open connections of a server, by what they are doing. */
export interface OpenConnections {
  count(): number
  /**
   * Closes the connection whose client has owed the rest of a request for longest, if that is at
   * least `forMs`: the beginning of a first request (or of its handshake), the rest of a later one,
   * or a body whose answer is sent.
   * @param but  the connection for which room is made
   * @returns whether it closed one
   */
  closeSlowest(but: Socket, forMs: number): boolean
  /**
   * Closes the connection whose client has read no or too few bytes of waiting answers for longest,
   * if that is at least `forMs`, as far as looks every `lookEveryMs` show. A client on a slow line
   * that goes on reading is not among them.
   * @returns whether it closed one
   */
  closeUnread(forMs: number): boolean
  /**
   * Closes the connection that has been idle longest.
   * @param mayClose  asked if there is one
   * @returns whether it closed one
   */
  closeIdle(mayClose: () => boolean): boolean
}

interface Connection {
  /** With TLS the encrypted socket until the first request, and then the one of its requests. */
  socket: Socket
  readonly peer: string
  openRequests: number
  /** When it became idle. */
  bytesRead: number
  /** Since when the client owes the rest of a request. */
  sinceMs: number
  /** Since when bytes of answers have waited, and too few of them were taken. */
  unreadSinceMs: number | undefined
  /** How many bytes had been sent then. */
  sentBytes: number
}

// Less than a modem of 1998 takes. The kernel takes bytes in bursts of its own, so one look alone
// may see none.
const minBytesPerSecond = 4_096

// How often idle connections are searched for those on which a part of a request has arrived.
const sweepEveryMs = 1_000

class TrackedConnections implements OpenConnections {
  readonly #ofSocket = new WeakMap<Socket, Connection>()
  // Node does not say from which connection a TLS socket was made.
  readonly #ofPeer = new Map<string, Connection>()
  // Each in the order in which the state began.
  readonly #unfinished = new Set<Connection>()
  readonly #idle = new Set<Connection>()
  readonly #answering = new Set<Connection>()
  #sweptMs = 0

  constructor(server: Server, lookEveryMs: number) {
    const looking = setInterval(() => {
      this.#lookForUnread()
    }, lookEveryMs)
    looking.unref()
    server.once('close', () => {
      clearInterval(looking)
    })
    server.on('connection', (socket: Socket) => {
      this.#open(socket)
    })
    server.on('request', (request, response) => {
      const { socket } = request
      const connection = this.#ofSocket.get(socket) ?? this.#firstRequestOn(socket)
      if (connection === undefined) return
      connection.openRequests++
      this.#unfinished.delete(connection)
      this.#idle.delete(connection)
      this.#answering.add(connection)
      response.once('close', () => {
        connection.openRequests--
        if (connection.openRequests > 0 || connection.socket.destroyed) return
        this.#answering.delete(connection)
        connection.unreadSinceMs = undefined
        connection.bytesRead = connection.socket.bytesRead
        if (request.complete) {
          this.#idle.add(connection)
          return
        }
        this.#owes(connection)
        request.once('end', () => {
          if (!this.#unfinished.delete(connection)) return
          connection.bytesRead = connection.socket.bytesRead
          this.#idle.add(connection)
        })
      })
    })
  }

  count(): number {
    return this.#ofPeer.size
  }

  closeSlowest(but: Socket, forMs: number): boolean {
    this.#sweep()
    for (const connection of this.#unfinished) {
      if (performance.now() - connection.sinceMs < forMs) return false
      if (connection.socket === but) continue
      this.#close(connection)
      return true
    }
    return false
  }

  closeUnread(forMs: number): boolean {
    let longest: Connection | undefined
    for (const connection of this.#answering) {
      const { unreadSinceMs } = connection
      if (unreadSinceMs !== undefined && unreadSinceMs < (longest?.unreadSinceMs ?? Infinity))
        longest = connection
    }
    if (longest === undefined) return false
    if (performance.now() - (longest.unreadSinceMs ?? Infinity) < forMs) return false
    this.#close(longest)
    return true
  }

  closeIdle(mayClose: () => boolean): boolean {
    for (const connection of this.#idle) {
      if (hasBegunRequest(connection)) continue
      if (!mayClose()) return false
      this.#close(connection)
      return true
    }
    return false
  }

  #open(socket: Socket): void {
    const peer = peerOf(socket)
    const connection = {
      socket,
      peer,
      openRequests: 0,
      bytesRead: 0,
      sinceMs: 0,
      unreadSinceMs: undefined,
      sentBytes: 0,
    }
    this.#ofSocket.set(socket, connection)
    this.#ofPeer.set(peer, connection)
    this.#owes(connection)
    socket.once('close', () => {
      this.#forget(connection)
    })
  }

  #firstRequestOn(socket: Socket): Connection | undefined {
    const connection = this.#ofPeer.get(peerOf(socket))
    if (connection === undefined) return undefined
    connection.socket = socket
    this.#ofSocket.set(socket, connection)
    return connection
  }

  #owes(connection: Connection): void {
    connection.sinceMs = performance.now()
    this.#unfinished.add(connection)
  }

  /** Looked for again and again: an answer that is read slowly has no event of its own. */
  #lookForUnread(): void {
    const nowMs = performance.now()
    for (const connection of this.#answering) {
      const { socket, unreadSinceMs, sentBytes } = connection
      if (socket.writableLength === 0) {
        connection.unreadSinceMs = undefined
        continue
      }
      const sent = socket.bytesWritten - socket.writableLength
      const enough = ((nowMs - (unreadSinceMs ?? 0)) * minBytesPerSecond) / 1_000
      if (unreadSinceMs !== undefined && sent - sentBytes < enough) continue
      connection.unreadSinceMs = nowMs
      connection.sentBytes = sent
    }
  }

  /** Node has no event for the first bytes of a next request. */
  #sweep(): void {
    const nowMs = performance.now()
    if (nowMs - this.#sweptMs < sweepEveryMs) return
    this.#sweptMs = nowMs
    for (const connection of this.#idle) {
      if (!hasBegunRequest(connection)) continue
      this.#idle.delete(connection)
      this.#owes(connection)
    }
  }

  #close(connection: Connection): void {
    this.#forget(connection)
    connection.socket.destroy()
  }

  #forget(connection: Connection): void {
    this.#unfinished.delete(connection)
    this.#idle.delete(connection)
    this.#answering.delete(connection)
    if (this.#ofPeer.get(connection.peer) === connection) this.#ofPeer.delete(connection.peer)
  }
}

/** @param lookEveryMs  how often to look for answers that are not read */
export function trackConnections(server: Server, lookEveryMs: number): OpenConnections {
  return new TrackedConnections(server, lookEveryMs)
}

function hasBegunRequest({ socket, bytesRead }: Connection): boolean {
  return socket.bytesRead !== bytesRead
}

function peerOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ')
}
