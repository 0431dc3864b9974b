// Requests that no HTTP client would send: bytes on a socket, and the server's answer.
import { connect } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Sends one request verbatim, reads until the server closes; `lines` are headers without Host. */
export async function sendRaw(
  url: string,
  start: string,
  lines: readonly string[] = [],
  body: string | Buffer = '',
): Promise<RawReply> {
  const { hostname, port, host } = new URL(url)
  const length = Buffer.byteLength(body)
  const head = [
    `${start} HTTP/1.1`,
    `host: ${host}`,
    'connection: close',
    ...lines,
    ...(length === 0 ? [] : [`content-length: ${length}`]),
    '',
    '',
  ].join('\r\n')
  const socket = connect(Number(port), hostname)
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))
  const bytes = Buffer.concat((await socket.toArray()) as Buffer[]).toString()
  const [top = '', ...rest] = bytes.split('\r\n\r\n')
  const [first = '', ...headers] = top.split('\r\n')
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(
      headers.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    ),
    text: rest.join('\r\n\r\n'),
  }
}
