/** For all answers: a browser must not guess another content type, and no cache may store them. */
export const dataHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

// For answers that browsers may show: no scripts, no frames, no referrer. Not for /v2, which only
// programs call, ten thousand times a second. No X-Frame-Options: all browsers know its successor
// `frame-ancestors`.
const documentHeaders: Readonly<Record<string, string>> = {
  ...dataHeaders,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** For the pages of the documentation: they load all from this server, and set styles by script. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The headers of documents as lines of HTTP, for answers that are written without fastify. */
export const securityLines: readonly string[] = Object.entries(documentHeaders).map(
  ([name, value]) => `${name}: ${value}`,
)

/** @param hstsSeconds  how long browsers must use TLS only; 0: they are not asked to */
export function hstsHeaders(hstsSeconds: number): Readonly<Record<string, string>> {
  return hstsSeconds === 0
    ? {}
    : { 'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains` }
}

/** The headers of documents. @param hstsSeconds  as above */
export function documentHeadersWith(hstsSeconds: number): Readonly<Record<string, string>> {
  return { ...documentHeaders, ...hstsHeaders(hstsSeconds) }
}
