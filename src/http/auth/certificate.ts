import type { Socket } from 'node:net'
import { TLSSocket, type PeerCertificate } from 'node:tls'

/** A client certificate that one of our authorities vouches for. */
export interface ClientCertificate {
  /** `sha256:<fingerprint in lower case hex>`, then each `uri:` and `dns:` of its alternative names, then `cn:`. */
  readonly names: readonly string[]
  readonly validFromMs: number
  readonly validToMs: number
}

// Reading it takes longer than everything else in a request; a connection has one for all its life.
const ofConnection = new WeakMap<Socket, ClientCertificate | undefined>()

/** The certificate that the client of a connection has shown; undefined also for one that nobody vouches for. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  if (ofConnection.has(socket)) return ofConnection.get(socket)
  const certificate = socket.authorized ? read(socket.getPeerCertificate()) : undefined
  ofConnection.set(socket, certificate)
  return certificate
}

const clientAuthentication = '1.3.6.1.5.5.7.3.2'

function read(certificate: PeerCertificate): ClientCertificate | undefined {
  // None was shown.
  if (typeof certificate.fingerprint256 !== 'string') return undefined
  // OpenSSL has looked at this too. A certificate without the extension is for every purpose (RFC 5280, 4.2.1.12).
  if (
    certificate.ext_key_usage !== undefined &&
    !certificate.ext_key_usage.includes(clientAuthentication)
  )
    return undefined
  const validFromMs = Date.parse(certificate.valid_from)
  const validToMs = Date.parse(certificate.valid_to)
  if (!Number.isFinite(validFromMs) || !Number.isFinite(validToMs)) return undefined
  return { names: namesOf(certificate), validFromMs, validToMs }
}

function namesOf({ fingerprint256, subjectaltname = '', subject }: PeerCertificate): string[] {
  const alternative = { URI: [] as string[], DNS: [] as string[] }
  // Node quotes a name that holds what could be taken for the next one; such a name is nobody's.
  for (const [, kind, name] of subjectaltname.matchAll(/(?:^|, )(URI|DNS):([^",]+)(?=, |$)/g))
    alternative[kind as 'URI' | 'DNS'].push(name ?? '')
  // Node gives several common names as an array: which one would it be?
  const commonName: unknown = (subject as { CN?: unknown } | undefined)?.CN
  return [
    `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`,
    ...(subjectaltname.includes('"')
      ? []
      : [
          ...alternative.URI.map((uri) => `uri:${uri}`),
          ...alternative.DNS.map((dns) => `dns:${dns.toLowerCase()}`),
        ]),
    ...(typeof commonName === 'string' ? [`cn:${commonName}`] : []),
  ]
}

/** What an operator should know of a certificate that let nobody in. `problem`: why nobody vouches for it, if that is so. */
export interface ShownCertificate {
  readonly fingerprint: string
  readonly problem?: string
}

// A connection with a wrong certificate may fail again and again.
const shownBy = new WeakMap<Socket, ShownCertificate | undefined>()

/** The certificate of a connection whatever it is worth, for the log. */
export function shownCertificateOf(socket: Socket): ShownCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  if (shownBy.has(socket)) return shownBy.get(socket)
  const { fingerprint256 } = socket.getPeerCertificate() as Partial<PeerCertificate>
  const problem = socket.authorized ? {} : { problem: String(socket.authorizationError) }
  const shown =
    typeof fingerprint256 === 'string'
      ? { fingerprint: `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`, ...problem }
      : undefined
  shownBy.set(socket, shown)
  return shown
}
