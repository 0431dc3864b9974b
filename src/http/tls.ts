import type { Server as HttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { FastifyHttpOptions, FastifyServerFactory } from 'fastify'
import type { TlsFiles } from '../config.ts'
import { coded, type Log } from '../log.ts'
import { logUnsafe, type UnsafeSetting } from '../unsafe-settings.ts'
import { readTlsFiles, stampOf } from './tls-files.ts'

/** TLS that Kontor terminates itself, with files that may change at run time. */
export interface Tls {
  readonly serverFactory: FastifyServerFactory
  /**
   * Whether the client authorities have changed since the handshake of a connection: its
   * certificate no longer counts, and its next response is the last.
   */
  isOutdated(socket: Socket): boolean
  close(): void
}

// Polled: not every tool that renews certificates can send a signal, and not every file system
// reports changes.
const refreshIntervalMs = 1_000

/** @throws BrokerError `configuration` when the files cannot be used */
export function openTls(files: TlsFiles, log: Log): Tls {
  const servers: Server[] = []
  const handshakes = trackHandshakes()
  const onUnsafe = (setting: UnsafeSetting): void => {
    logUnsafe(log, setting)
  }
  let loaded = readTlsFiles(files, onUnsafe)
  let stamp = stampOf(files)
  // The last problem that the log names, and of which files.
  let reported = ''

  const refresh = (): void => {
    let newStamp = ''
    const unsafe: UnsafeSetting[] = []
    try {
      newStamp = stampOf(files)
      if (newStamp === stamp) return
      const next = readTlsFiles(files, (setting) => unsafe.push(setting))
      stamp = newStamp
      reported = ''
      unsafe.forEach(onUnsafe)
      for (const server of servers) server.setSecureContext(next)
      const isOtherCa = String(next.ca) !== String(loaded.ca)
      loaded = next
      log.info({ files }, 'the TLS files have changed and are in use')
      if (!isOtherCa) return
      handshakes.startGeneration()
      for (const server of servers) server.closeIdleConnections()
    } catch (error) {
      // Most likely half written: the loaded ones stay in use, and the next refresh tries again.
      const problem = coded(error)
      const report = `${newStamp} ${problem.message}`
      if (report !== reported) log.warn({ error: problem }, 'the changed TLS files cannot be used')
      reported = report
    }
  }
  const timer = setInterval(refresh, refreshIntervalMs)
  timer.unref()

  return {
    serverFactory: (handler, options: FastifyHttpOptions<HttpServer>) => {
      const server = createTlsServer(handler, options, loaded, files.clientCa !== undefined)
      handshakes.follow(server)
      servers.push(server)
      // fastify's type allows only an HTTP server; its code calls only methods that both have.
      return server as unknown as HttpServer
    },
    isOutdated: (socket) => handshakes.isOutdated(socket),
    close() {
      clearInterval(timer)
    },
  }
}

function createTlsServer(
  handler: Parameters<FastifyServerFactory>[0],
  {
    http = {},
    requestTimeout = 0,
    keepAliveTimeout = 0,
    connectionTimeout = 0,
  }: FastifyHttpOptions<HttpServer>,
  context: SecureContextOptions,
  requestCert: boolean,
): Server {
  const server = createServer(
    {
      ...http,
      ...context,
      handshakeTimeout: 10_000,
      requestCert,
      // A client without a valid certificate may still sign in with a password.
      rejectUnauthorized: false,
    },
    handler,
  )
  // fastify does not set the timeouts of a server from a factory.
  server.keepAliveTimeout = keepAliveTimeout
  server.requestTimeout = requestTimeout
  server.setTimeout(connectionTimeout)
  return server
}

interface Handshakes {
  follow(server: Server): void
  /** Call it when the client authorities change. */
  startGeneration(): void
  isOutdated(socket: Socket): boolean
}

/** Remembers under which generation of client authorities each connection made its handshake. */
function trackHandshakes(): Handshakes {
  let generation = 0
  const handshaking = new Map<string, Socket>()
  const generationOf = new WeakMap<Socket, number>()
  return {
    follow(server) {
      server.prependListener('connection', (raw: Socket) => {
        const peer = peerOf(raw)
        handshaking.set(peer, raw)
        raw.once('close', () => {
          if (handshaking.get(peer) === raw) handshaking.delete(peer)
        })
      })
      server.prependListener('secureConnection', (socket) => {
        handshaking.delete(peerOf(socket))
        generationOf.set(socket, generation)
      })
    },
    startGeneration() {
      generation++
      // A handshake ends with the authorities with which it began: these would be the old ones.
      for (const raw of handshaking.values()) raw.destroy()
    },
    isOutdated: (socket) => generationOf.get(socket) !== generation,
  }
}

// Node does not say from which connection a TLS socket was made; both have the same addresses and
// ports.
function peerOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ')
}
