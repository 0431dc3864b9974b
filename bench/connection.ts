// One keep-alive connection of the load generator. It reads only what it needs of an answer:
// autocannon parses every byte in JavaScript and so took a whole core for catalogs of 100 kB, which
// made both servers look alike.
import { once } from 'node:events'
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  /** Head and body. */
  readonly bytes: number
}

export interface Connection {
  /** Not before the last answer has come. */
  send(request: Buffer): Promise<Answer>
  close(): void
}

const timeoutMs = 10_000

export async function openConnection(url: URL): Promise<Connection> {
  let waiting: PromiseWithResolvers<Answer> | undefined
  let head = ''
  let answer: Answer | undefined
  let received = 0

  const read = (bytes: number, buffer: Uint8Array): boolean => {
    received += bytes
    if (answer === undefined) {
      head += Buffer.from(buffer.buffer, buffer.byteOffset, Math.min(bytes, 2_048)).toString(
        'latin1',
      )
      const end = head.indexOf('\r\n\r\n')
      if (end !== -1) answer = readHead(head.slice(0, end), end + 4)
    }
    if (answer !== undefined && received >= answer.bytes) {
      const whole = { status: answer.status, bytes: received }
      head = ''
      answer = undefined
      received = 0
      waiting?.resolve(whole)
    }
    return true
  }

  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    onread: { buffer: new Uint8Array(262_144), callback: read },
  })
  const fail = (why: string) => waiting?.reject(new Error(`${url.href}: ${why}`))
  await once(socket, 'connect')
  socket.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`))
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () => fail('the connection was closed'))
  return {
    send(request) {
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
    close: () => socket.destroy(),
  }
}

// All of our servers send Content-Length, but where there is no body.
function readHead(head: string, headBytes: number): Answer {
  const status = Number(head.slice(9, 12))
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  if (length === undefined && status !== 304)
    throw new Error(`An answer has no Content-Length: ${head}`)
  return { status, bytes: headBytes + (status === 304 ? 0 : Number(length)) }
}
