// Connection errors as sentences without host, address or certificate.
import { NotConnected } from '../connect.ts'

const beforeSending: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ECONNRESET: 'the connection broke before anything was sent',
  UND_ERR_SOCKET: 'the connection broke before anything was sent',
  UND_ERR_INVALID_ARG: 'a header or path cannot be sent',
  UND_ERR_CLOSED: 'the back end is closed',
  UND_ERR_DESTROYED: 'the back end is closed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is not from a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is not from a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is not from a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not from a trusted authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not from a trusted authority',
  KONTOR_ADDRESS_CLOSED: 'its address is in a network that Kontor may not connect to',
  KONTOR_PORT_CLOSED: 'it is at a port that Kontor may not connect to',
  KONTOR_NO_TLS: 'it may not be called without TLS',
  KONTOR_CERTIFICATE_EXPIRED: 'the client certificate that is registered for it has expired',
  EPROTO: 'TLS could not be agreed on',
}

const afterSending: Readonly<Record<string, string>> = {
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer broke off',
}

// The alerts of RFC 8446, section 6.2, that are about a certificate, as OpenSSL names them.
const certificateAlerts = [
  '_ALERT_CERTIFICATE_REQUIRED',
  '_ALERT_BAD_CERTIFICATE',
  '_ALERT_UNSUPPORTED_CERTIFICATE',
  '_ALERT_CERTIFICATE_REVOKED',
  '_ALERT_CERTIFICATE_EXPIRED',
  '_ALERT_CERTIFICATE_UNKNOWN',
  '_ALERT_UNKNOWN_CA',
  '_ALERT_ACCESS_DENIED',
]

/**
 * Whether the server ended the handshake because of Kontor's certificate, or because Kontor showed
 * none. In TLS 1.3 that error comes only after the request was written, but a server reads no
 * request before the handshake has ended.
 */
export function isCertificateRejected(error: Error): boolean {
  const code = codeOf(error)
  return certificateAlerts.some((alert) => code.endsWith(alert))
}

// What OpenSSL makes of a first answer that is no TLS, such as "HTTP/1.1 400 Bad Request".
const notTls: readonly string[] = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
]

/** The sentence for operators, where it says more than the one for users. */
export function operatorSentenceFor(error: Error): string | undefined {
  if (error instanceof NotConnected) return error.forOperator
  return notTls.includes(codeOf(error))
    ? 'it was called with https, but does not speak TLS at this port: it may be an http port'
    : undefined
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** `error.message` is never used: it names hosts and ports. */
export function sentenceFor(error: Error, wasSent: boolean): string {
  const code = codeOf(error)
  if (wasSent)
    return (
      afterSending[code] ??
      (code.startsWith('HPE_') ? 'the answer is not valid HTTP' : 'the connection broke')
    )
  if (isCertificateRejected(error))
    return 'it does not accept the client certificate, or requires one'
  return (
    beforeSending[code] ??
    (code.startsWith('ERR_SSL_') ? 'TLS could not be agreed on' : 'no connection could be made')
  )
}
