import { readFileSync, statSync } from 'node:fs'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { FastifyHttpOptions, FastifyServerFactory } from 'fastify'
import type { TlsFiles } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { coded, type Log } from '../log.ts'

/** TLS of our own, with files that may change while we run. */
export interface Tls {
  readonly serverFactory: FastifyServerFactory
  /** Whether a connection began under authorities that have changed since: its certificate is nobody's, and its next answer the last. */
  isOutdated(socket: Socket): boolean
  close(): void
}

// Whoever renews certificates writes files; not every one of them can send a signal, and not every file system tells of changes.
const refreshIntervalMs = 1_000

/** @throws BrokerError `configuration` when a file cannot be read, or key and certificate do not belong together */
export function openTls(files: TlsFiles, log: Log): Tls {
  const servers: Server[] = []
  let loaded = read(files)
  let seen = stampOf(files)
  let generation = 0
  const handshaking = new Map<string, Socket>()
  const generationOf = new WeakMap<Socket, number>()

  // A handshake ends under the authorities it began with, and that was when its connection was taken.
  const followHandshakes = (server: Server): void => {
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
  }

  const look = (): void => {
    try {
      const stamp = stampOf(files)
      if (stamp === seen) return
      const next = read(files)
      seen = stamp
      for (const server of servers) server.setSecureContext(next)
      const isOtherCa = String(next.ca) !== String(loaded.ca)
      loaded = next
      log.info({ files }, 'the TLS files have changed and are used now')
      if (!isOtherCa) return
      generation++
      for (const raw of handshaking.values()) raw.destroy()
      for (const server of servers) server.closeIdleConnections()
    } catch (error) {
      // Half written, most likely. What is loaded goes on; the next look tries again.
      log.warn({ error: coded(error) }, 'changed TLS files cannot be used')
    }
  }
  const looking = setInterval(look, refreshIntervalMs)
  looking.unref()

  return {
    // With a server of our own fastify leaves these to us.
    serverFactory: (
      handler,
      {
        http = {},
        requestTimeout = 0,
        keepAliveTimeout = 0,
        connectionTimeout = 0,
      }: FastifyHttpOptions<HttpServer>,
    ) => {
      const server = createServer(
        {
          ...http,
          ...loaded,
          minVersion: 'TLSv1.2',
          handshakeTimeout: 10_000,
          // Nobody is turned away here: who shows no good certificate may still have a password.
          requestCert: files.clientCa !== undefined,
          rejectUnauthorized: false,
        },
        handler,
      )
      server.keepAliveTimeout = keepAliveTimeout
      server.requestTimeout = requestTimeout
      server.setTimeout(connectionTimeout)
      followHandshakes(server)
      servers.push(server)
      // fastify's type knows only one kind of server, its code any with the methods of this one.
      return server as unknown as HttpServer
    },
    isOutdated: (socket) => generationOf.get(socket) !== generation,
    close() {
      clearInterval(looking)
    },
  }
}

// Node does not tell which connection a TLS socket was made of; both know who is at the other end.
function peerOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ')
}

function read(files: TlsFiles): SecureContextOptions {
  const of = (name: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new BrokerError(
        'configuration',
        `${name}: ${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}).`,
        { cause: error },
      )
    }
  }
  const options = {
    cert: of('KONTOR_TLS_CERT', files.cert),
    key: of('KONTOR_TLS_KEY', files.key),
    minVersion: 'TLSv1.2' as const,
    ...(files.clientCa === undefined ? {} : { ca: of('KONTOR_TLS_CLIENT_CA', files.clientCa) }),
  }
  if (options.ca !== undefined && !options.ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new BrokerError(
      'configuration',
      `KONTOR_TLS_CLIENT_CA: ${files.clientCa} holds no certificate.`,
    )
  try {
    createSecureContext(options)
    return options
  } catch (error) {
    throw new BrokerError(
      'configuration',
      'KONTOR_TLS_CERT, KONTOR_TLS_KEY and KONTOR_TLS_CLIENT_CA cannot be used: they are no PEM, or the key is that of another certificate.',
      { cause: error },
    )
  }
}

function stampOf({ cert, key, clientCa }: TlsFiles): string {
  return [cert, key, ...(clientCa === undefined ? [] : [clientCa])]
    .map((file) => {
      const { mtimeMs, size, ino } = statSync(file)
      return `${mtimeMs} ${size} ${ino}`
    })
    .join()
}
