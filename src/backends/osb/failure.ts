// What went wrong on the wire, as a sentence without host, address or certificate.

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
  EPROTO: 'TLS could not be agreed on',
}

const afterSending: Readonly<Record<string, string>> = {
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer broke off',
}

/** `error.message` is never used: it names hosts and ports. */
export function sentenceFor (error: Error, wasSent: boolean): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (wasSent) return afterSending[code] ?? (code.startsWith('HPE_') ? 'the answer is not valid HTTP' : 'the connection broke')
  return beforeSending[code] ?? (code.startsWith('ERR_SSL_') ? 'TLS could not be agreed on' : 'no connection could be made')
}
