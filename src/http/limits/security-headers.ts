// Of all answers: a browser is to take none for what it is not, and nobody is to keep one.
export const dataHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

// Where browsers come too: nothing is run, nothing framed, nobody told where one was. Not below /v2, which programs ask ten
// thousand times a second. No X-Frame-Options: `frame-ancestors` has taken its place everywhere.
const documentHeaders: Readonly<Record<string, string>> = {
  ...dataHeaders,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/** The only pages: all of theirs comes from here, and styles are set by script. */
export const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The same as lines of an answer that is written by hand. */
export const securityLines = Object.entries(documentHeaders)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

/** @param hstsSeconds  how long browsers must use TLS only; 0: they are not asked to */
export function documentHeadersWith(hstsSeconds: number): Readonly<Record<string, string>> {
  return hstsSeconds === 0
    ? documentHeaders
    : {
        ...documentHeaders,
        'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains`,
      }
}
