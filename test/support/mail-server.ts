// A real SMTP server on this machine.
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Teardown } from './teardown.ts'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly headers: ReadonlyMap<string, string>
  /** Decoded. */
  readonly text: string
  readonly raw: string
}

export interface MailServer {
  readonly port: number
  /** Of its user kontor. */
  readonly password: string
  readonly mails: ReceivedMail[]
  /** Those that one address has got. */
  to(address: string): readonly ReceivedMail[]
  /** What it answers `RCPT TO` of an address, such as "550 5.1.1 No such user". */
  readonly refusals: Map<string, string>
  /** Addresses whose mails it takes without a word: it closes the connection, or says nothing. */
  readonly wordless: Map<string, 'closes' | 'waits'>
  stop(): Promise<void>
  /** Listens again, on the same port. */
  start(): Promise<void>
}

export async function startMailServer(
  t: Teardown,
  options: SMTPServerOptions = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const password = randomBytes(9).toString('base64url')
  const refusals = new Map<string, string>()
  const wordless: MailServer['wordless'] = new Map()
  let running: SMTPServer | undefined
  let port = 0
  const stop = () =>
    new Promise<void>((resolve) => {
      if (running === undefined) return resolve()
      running.close(() => {
        resolve()
      })
      running = undefined
    })
  const start = async () => {
    const server = new SMTPServer({
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      ...options,
      onAuth({ username, password: given }, _session, done) {
        const isRight = username === 'kontor' && given === password
        done(isRight ? null : new Error('Wrong password'), { user: 'kontor' })
      },
      onRcptTo({ address }, _session, done) {
        const [code, ...words] = refusals.get(address)?.split(' ') ?? []
        if (code === undefined) return done(null)
        const error = new Error(`${words.join(' ')} <${address}>`)
        done(Object.assign(error, { responseCode: Number(code) }))
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address)
          mails.push(received(to, Buffer.concat(chunks).toString()))
          const how = to.map((address) => wordless.get(address)).find((each) => each !== undefined)
          if (how === undefined) done()
          if (how === 'closes') sockets.get(session.remotePort)?.destroy()
        })
      },
    })
    server.on('error', () => {})
    const sockets = new Map<number | undefined, Socket>()
    server.server.on('connection', (socket: Socket) => sockets.set(socket.remotePort, socket))
    running = server
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve)
    })
    const address = server.server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  }
  await start()
  t.teardown(stop)
  return {
    port,
    password,
    mails,
    refusals,
    wordless,
    to: (address) => mails.filter(({ to }) => to.includes(address)),
    stop,
    start,
  }
}

function received(to: readonly string[], raw: string): ReceivedMail {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const [name = '', ...value] = line.split(': ')
      return [name.toLowerCase(), words(value.join(': '))] as const
    }),
  )
  const body = rest.join('\r\n\r\n')
  const encoding = headers.get('content-transfer-encoding')
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString()
      : encoding === 'quoted-printable'
        ? quoted(body.replaceAll(/=\r\n/g, ''))
        : body
  return { to, headers, text: text.replaceAll('\r\n', '\n'), raw }
}

/** RFC 2047. */
function words(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_all, how: string, text: string) =>
      how.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString()
        : quoted(text.replaceAll('_', ' ')),
    )
}

function quoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}
