// Certificates for tests, without openssl: invalid ones too, which no authority would issue.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

export interface Certificate {
  /** Both in PEM. */
  readonly cert: string
  readonly key: string
}

export interface Authority extends Certificate {
  readonly name: string
  readonly privateKey: KeyObject
}

export interface Wanted {
  /** Common names of the subject, in this order. */
  readonly cn?: readonly string[]
  readonly dns?: readonly string[]
  readonly uri?: readonly string[]
  readonly ip?: readonly string[]
  /** Extended key usage; undefined omits the extension. */
  readonly usage?: ReadonlyArray<'client' | 'server'>
  readonly from?: Date
  readonly to?: Date
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const bytes =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...bytes]), body])
}
const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts)
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts)
const octets = (content: Buffer) => der(0x04, content)
const text = (tag: number, content: string) => der(tag, Buffer.from(content))
const oid = (dotted: string) => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const digits = [part & 127]
    for (let left = part >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128)
    return digits
  })
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]))
}
// UTCTime, which ends in 2049.
const time = (date: Date) =>
  text(
    0x17,
    `${date
      .toISOString()
      .replaceAll(/[-:T]|\.\d+/g, '')
      .slice(2)}`,
  )
const nameOf = (commonNames: readonly string[]) =>
  sequence(...commonNames.map((cn) => set(sequence(oid('2.5.4.3'), text(0x0c, cn)))))
const extension = (id: string, content: Buffer) => sequence(oid(id), octets(content))
const pem = (what: string, content: Buffer) =>
  `-----BEGIN ${what}-----\n${
    content
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n') ?? ''
  }\n-----END ${what}-----\n`

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const usages = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' }

function make(
  subject: readonly string[],
  issuer: { name: string; privateKey: KeyObject } | undefined,
  extensions: readonly Buffer[],
  from: Date,
  to: Date,
) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serial = randomBytes(8)
  serial.writeUInt8(1, 0)
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    nameOf(issuer === undefined ? subject : [issuer.name]),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const cert = pem(
    'CERTIFICATE',
    sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)),
  )
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), privateKey }
}

const hour = 3_600_000

export function makeAuthority(name: string): Authority {
  const isCa = extension('2.5.29.19', sequence(der(0x01, Buffer.from([255]))))
  return {
    name,
    ...make([name], undefined, [isCa], new Date(Date.now() - hour), new Date(Date.now() + hour)),
  }
}

/** A certificate signed by `authority`; undefined makes it self-signed. */
export function makeCertificate(authority: Authority | undefined, wanted: Wanted): Certificate {
  const {
    cn = [],
    dns = [],
    uri = [],
    ip = [],
    usage,
    from = new Date(Date.now() - hour),
    to = new Date(Date.now() + hour),
  } = wanted
  const alternative = [
    ...dns.map((name) => text(0x82, name)),
    ...uri.map((name) => text(0x86, name)),
    ...ip.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  ]
  const { cert, key } = make(
    cn,
    authority,
    [
      ...(alternative.length === 0 ? [] : [extension('2.5.29.17', sequence(...alternative))]),
      ...(usage === undefined
        ? []
        : [extension('2.5.29.37', sequence(...usage.map((each) => oid(usages[each]))))]),
    ],
    from,
    to,
  )
  return { cert, key }
}
