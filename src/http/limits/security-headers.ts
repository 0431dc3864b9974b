import type { FastifyReply } from 'fastify'

/** Answers are data: a browser is to show none, run none, frame none, keep none and tell nobody where it was. */
const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer'
}

/** The only pages: all of theirs comes from here, and styles are set by script. */
export const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The same as lines of an answer that is written by hand. */
export const securityLines = Object.entries(always).map(([name, value]) => `${name}: ${value}\r\n`).join('')

/**
 * Puts the security headers on an answer; a route that sets one of them itself overrides it.
 * @param hstsSeconds  how long browsers are to use TLS only; 0: not told
 */
export function secureAnswers (hstsSeconds: number): (reply: FastifyReply) => void {
  const headers = hstsSeconds === 0 ? always : { ...always, 'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains` }
  return (reply) => { reply.headers(headers) }
}
