import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose'
import type { IssuerKeys } from './keys.ts'
import type { TrustedIssuer } from './issuers.ts'

/** A valid access token: a trusted issuer signed it for Kontor. */
export interface Token {
  readonly trust: TrustedIssuer
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  /** The generation of the keys that verified it. */
  readonly generation: number
  /** When it expires, or is too old, with the tolerance for clocks. */
  readonly untilMs: number
}

export interface Refusal {
  /** What is wrong with a token that the issuer did sign; absent for any other. */
  readonly reason?: string
  /** The issuer's keys are unknown, so the token may be valid. */
  readonly isUnjudged?: boolean
}

const maxKeysTried = 5
export const subjectPattern = /^[\x21-\x7e]{1,255}$/

/** Verifies a token; reads the issuer's keys again if none of them fits. Never rejects. */
export async function verifyOnce(
  text: string,
  trust: TrustedIssuer,
  keys: IssuerKeys,
  now: Date,
): Promise<Token | Refusal> {
  await keys.refreshed()
  if (keys.current() === undefined) await keys.readAnew()
  const { generation } = keys
  const first = await tryKeys(text, trust, keys, now)
  if (first !== 'other keys') return first
  // The issuer may have changed its keys, and another request may have read them meanwhile. If they
  // are still the same, the token is not valid.
  if (keys.generation === generation) await keys.readAnew()
  if (keys.generation === generation) return {}
  const second = await tryKeys(text, trust, keys, now)
  return second === 'other keys' ? {} : second
}

async function tryKeys(
  text: string,
  trust: TrustedIssuer,
  keys: IssuerKeys,
  now: Date,
): Promise<Token | Refusal | 'other keys'> {
  const { generation } = keys
  const get = keys.current()
  if (get === undefined) return { isUnjudged: true }
  try {
    const { payload, protectedHeader } = await verifyWithAny(text, get, {
      algorithms: [...trust.algorithms],
      issuer: trust.issuer,
      audience: [...trust.audience],
      clockTolerance: trust.toleranceSeconds,
      currentDate: now,
      requiredClaims: ['exp', 'sub'],
    })
    const reason = validate(payload, protectedHeader.typ, trust, now)
    if (reason !== undefined) return { reason }
    // `requiredClaims` and `validate` have checked all three.
    const { sub = '', exp = 0, iat = 0 } = payload
    return {
      trust,
      subject: sub,
      claims: payload,
      generation,
      untilMs: (Math.min(exp, iat + trust.maxAgeSeconds) + trust.toleranceSeconds) * 1_000,
    }
  } catch (error) {
    if (
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWSSignatureVerificationFailed
    )
      return 'other keys'
    // jose checks claims only after the signature.
    if (error instanceof errors.JWTExpired) return { reason: 'The token has expired' }
    if (error instanceof errors.JWTClaimValidationFailed)
      return { reason: claimReasons[error.claim] ?? 'A claim of the token is missing or not valid' }
    return {}
  }
}

const claimReasons: Readonly<Record<string, string>> = {
  aud: 'The token is for another audience',
  nbf: 'The token is not valid yet',
  sub: 'The token names no subject',
  exp: 'The token has no expiry (exp)',
  iat: 'The token does not say when it was issued (iat)',
}

/** Verifies with each of several keys that may match a token without a key id. */
export async function verifyWithAny(text: string, get: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(text, get, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    let tried = 0
    for await (const key of error) {
      if (tried++ === maxKeysTried) break
      try {
        return await jwtVerify(text, key, options)
      } catch (inner) {
        if (!(inner instanceof errors.JWSSignatureVerificationFailed)) throw inner
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

// The same keys sign ID tokens and others that are no access tokens, and tokens that only the
// holder of another key may use.
function validate(
  claims: Readonly<Record<string, unknown>>,
  typ: string | undefined,
  trust: TrustedIssuer,
  now: Date,
): string | undefined {
  const type = typ?.toLowerCase().replace(/^application\//, '')
  const isAccessToken =
    type === 'at+jwt' || (!trust.onlyAccessTokens && (type === undefined || type === 'jwt'))
  // Keycloak has a claim `typ`; only ID tokens hold digests of a code, a token or a state.
  const ownType = typeof claims['typ'] === 'string' ? claims['typ'].toLowerCase() : undefined
  const isOther =
    ['at_hash', 'c_hash', 's_hash', 'events'].some((claim) => claim in claims) ||
    (ownType !== undefined && ownType !== 'bearer') ||
    // The nonce of a sign-in. Some issuers put it into access tokens too, which must then say what
    // they are.
    ('nonce' in claims && type !== 'at+jwt' && ownType !== 'bearer')
  if (!isAccessToken || isOther) return 'The token is no access token'
  if ('cnf' in claims) return 'The token is bound to a key, which is not supported'
  if (typeof claims['sub'] !== 'string' || !subjectPattern.test(claims['sub']))
    return 'The token names no subject'
  return validateAge(claims['iat'], trust, now)
}

// An issuer may sign tokens for a year; one that leaks must not count for as long.
function validateAge(
  iat: unknown,
  { maxAgeSeconds, toleranceSeconds }: TrustedIssuer,
  now: Date,
): string | undefined {
  if (typeof iat !== 'number') return 'The token does not say when it was issued (iat)'
  const ageSeconds = now.getTime() / 1_000 - iat
  if (ageSeconds < -toleranceSeconds) return 'The token is not valid yet'
  return ageSeconds >= maxAgeSeconds + toleranceSeconds
    ? 'The token was issued too long ago (iat)'
    : undefined
}
