// Servers that answer as a test says: real HTTP, real TLS, or bare bytes on a real socket.
import { readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { openNetworks } from '../../src/networks.ts'
import type { Teardown } from './teardown.ts'

/** The networks of an operator whose providers run on this machine. */
export const loopback = openNetworks(['127.0.0.0/8', '::1'])

export interface Received {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
  readonly receivedAtMs: number
}

export interface Upstream {
  readonly url: string
  readonly port: number
  readonly requests: Received[]
}

export type Script = (request: Received, response: ServerResponse) => void

/** Answers with JSON, or with a string or bytes verbatim. */
export function answer(
  status: number,
  body: unknown = {},
  headers: Record<string, string | string[]> = {},
): Script {
  return (_request, response) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(isRaw ? body : JSON.stringify(body))
  }
}

/** Answers 200 with a body in chunks of one byte each. */
export function inBytes(body: Buffer): Script {
  const chunks = Buffer.alloc(6 * body.length, '1\r\n?\r\n')
  body.forEach((byte, at) => (chunks[6 * at + 3] = byte))
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    response.socket?.write(chunks)
    response.end()
  }
}

export async function scriptedUpstream(
  t: Teardown,
  script: Script,
  tls?: 'localhost' | 'elsewhere',
): Promise<Upstream> {
  const requests: Received[] = []
  const listener: RequestListener = (message, response) => {
    void receive(message).then((received) => {
      requests.push(received)
      script(received, response)
    })
  }
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ cert: tlsFile(`${tls}.pem`), key: tlsFile(`${tls}.key`) }, listener)
  const port = await listen(t, server)
  return { url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`, port, requests }
}

/** A TCP server: `script` gets each new connection. */
export async function rawUpstream(
  t: Teardown,
  script: (socket: Socket) => void,
): Promise<{ url: string; port: number }> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    script(socket)
  })
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  const port = await listen(t, server)
  return { url: `http://127.0.0.1:${port}`, port }
}

/** A port of this machine without a listener. */
export async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address is never a string
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function tlsFile(name: string): string {
  return readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8')
}

async function receive(message: IncomingMessage): Promise<Received> {
  const text = Buffer.concat(await message.toArray()).toString()
  const url = message.url ?? ''
  const { pathname, searchParams } = new URL(url, 'http://upstream')
  return {
    method: message.method ?? '',
    url,
    path: pathname,
    query: searchParams,
    headers: message.headers,
    body: text === '' ? undefined : JSON.parse(text),
    receivedAtMs: Date.now(),
  }
}

async function listen(t: Teardown, server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port // a TCP server's address is never a string
}
