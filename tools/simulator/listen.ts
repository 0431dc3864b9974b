import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { SimulatorOptions } from './types.ts'

export interface Listener {
  port: number
  url: string
  /** At once: open sockets are destroyed, not drained, as when a data centre goes dark. */
  close(): Promise<void>
}

export async function listen(
  options: SimulatorOptions,
  handle: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<Listener> {
  const server = await createListener(options, handle)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const host = options.host ?? '127.0.0.1'
  const authority = host.includes(':') ? `[${host}]` : host
  const scheme = options.tls ? 'https' : 'http'
  const port = await bindPort(server, options.port ?? 0, host)
  return {
    port,
    url: `${scheme}://${authority}:${port}${options.pathPrefix ?? ''}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function createListener(
  options: SimulatorOptions,
  handle: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<Server> {
  // Longer than any client keeps a socket: it is the faults that close connections here, not the
  // clock.
  const settings = { keepAliveTimeout: 75_000 }
  if (options.tls === undefined) return createServer(settings, handle)
  const https = await import('node:https')
  return https.createServer({ ...settings, ...options.tls }, handle)
}

function bindPort(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // A TCP listener's address is never a string.
      resolve((server.address() as AddressInfo).port)
    })
  })
}
