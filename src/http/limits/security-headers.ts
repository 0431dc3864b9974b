import type { FastifyReply, FastifyRequest } from 'fastify'

// Of all answers: a browser is to take none for what it is not, and nobody is to keep one.
const data: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

// Where browsers come too: nothing is run, nothing framed, nobody told where one was. Not below /v2, which programs ask ten
// thousand times a second. No X-Frame-Options: `frame-ancestors` has taken its place everywhere.
const seen: Readonly<Record<string, string>> = {
  ...data,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** The only pages: all of theirs comes from here, and styles are set by script. */
export const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The same as lines of an answer that is written by hand. */
export const securityLines = Object.entries(seen)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

/**
 * Puts the security headers on an answer; a route that sets one of them itself overrides it.
 * @param hstsSeconds  how long browsers are to use TLS only; 0: not told
 */
export function secureAnswers(
  hstsSeconds: number,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const ofPages =
    hstsSeconds === 0
      ? seen
      : { ...seen, 'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains` }
  return ({ url }, reply) => {
    reply.headers(url.startsWith('/v2/') ? data : ofPages)
  }
}
