import type { Socket } from 'node:net'
import { TLSSocket, type PeerCertificate } from 'node:tls'

/** A client certificate that a trusted authority has signed. */
export interface ClientCertificate {
  /** `sha256:<fingerprint in lower-case hex>`, each alternative name as `uri:` or `dns:`, `cn:`. */
  readonly names: readonly string[]
  readonly validFromMs: number
  readonly validToMs: number
}

// Parsing it takes longer than the rest of a request, and a connection has the same one all its
// life.
const ofConnection = new WeakMap<Socket, ClientCertificate | undefined>()

/** The client certificate of a connection; undefined also for one without a trusted signature. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  if (ofConnection.has(socket)) return ofConnection.get(socket)
  const certificate = socket.authorized ? read(socket.getPeerCertificate()) : undefined
  ofConnection.set(socket, certificate)
  return certificate
}

const clientAuthentication = '1.3.6.1.5.5.7.3.2'

function read(certificate: PeerCertificate): ClientCertificate | undefined {
  // The client sent no certificate.
  if (typeof certificate.fingerprint256 !== 'string') return undefined
  // OpenSSL checks this too. Without the extension a certificate is for every purpose (RFC 5280,
  // 4.2.1.12).
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
  // Node quotes names that contain a separator, which could forge another name: they do not count.
  for (const [, kind, name] of subjectaltname.matchAll(/(?:^|, )(URI|DNS):([^",]+)(?=, |$)/g))
    alternative[kind as 'URI' | 'DNS'].push(name ?? '')
  // Node returns several common names as an array; none of them counts, for it is unclear which
  // would.
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

/**
 * For the log line about a certificate that was refused. `problem`: why it is not trusted, if so.
 */
export interface ReceivedCertificate {
  readonly fingerprint: string
  readonly problem?: string
}

// A connection with a wrong certificate may send many requests.
const receivedBy = new WeakMap<Socket, ReceivedCertificate | undefined>()

/** The client certificate of a connection, trusted or not; for the log. */
export function receivedCertificateOf(socket: Socket): ReceivedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  if (receivedBy.has(socket)) return receivedBy.get(socket)
  const { fingerprint256 } = socket.getPeerCertificate() as Partial<PeerCertificate>
  const problem = socket.authorized ? {} : { problem: String(socket.authorizationError) }
  const received =
    typeof fingerprint256 === 'string'
      ? { fingerprint: `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`, ...problem }
      : undefined
  receivedBy.set(socket, received)
  return received
}
