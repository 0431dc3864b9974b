import type { Refusal, Token } from '../../oidc/tokens.ts'

/** The token of an Authorization header of the scheme Bearer (RFC 6750, 2.1). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
}

/** A promise only for a token that has to be waited for: each costs some microseconds. */
export function whenVerified(
  verified: Token | Refusal | Promise<Token | Refusal>,
  then: (verified: Token | Refusal) => void | Promise<void>,
): void | Promise<void> {
  return verified instanceof Promise ? verified.then(then) : then(verified)
}

/**
 * The challenge of WWW-Authenticate: no error when no token was sent (RFC 6750, 3). Only clients
 * with a token of a trusted issuer learn what is wrong with it.
 */
export function challengeOf(verified?: Token | Refusal): string {
  if (verified === undefined) return 'Bearer realm="kontor"'
  const reason = 'reason' in verified ? `, error_description="${verified.reason}"` : ''
  return `Bearer realm="kontor", error="invalid_token"${reason}`
}

/**
 * Whether a token is no attempt to guess one: its issuer signed it, though for another audience or
 * in the past, or its issuer cannot be reached to check it.
 */
export function isNoGuess(verified: Token | Refusal | undefined): boolean {
  return (
    verified !== undefined &&
    ('claims' in verified || verified.reason !== undefined || verified.isUnjudged === true)
  )
}
