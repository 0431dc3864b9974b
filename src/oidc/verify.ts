import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose'
import type { IssuerKeys } from './keys.ts'
import type { TrustedIssuer } from './issuers.ts'

/** A token that a trusted issuer signed for us, and that holds now. */
export interface Token {
  readonly trust: TrustedIssuer
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  /** Which keys it was verified with. */
  readonly generation: number
  /** When it ends, the tolerance for clocks included. */
  readonly untilMs: number
}

/** `reason`: what is wrong with a token that the issuer did sign. Of any other nothing is told. `isUnjudged`: the issuer's keys are not known. */
export interface Refusal {
  readonly reason?: string
  readonly isUnjudged?: boolean
}

const maxKeysTried = 5
const subjectPattern = /^[\x21-\x7e]{1,255}$/

/** Checks a token with the issuer's keys, which are read anew if they do not fit. Never rejects. */
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
  // The issuer may have changed its keys, and somebody else may have read them meanwhile. If they are the same, the token is nobody's.
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
    // `requiredClaims` and validate have seen both
    const { sub = '', exp = 0 } = payload
    return {
      trust,
      subject: sub,
      claims: payload,
      generation,
      untilMs: (exp + trust.toleranceSeconds) * 1_000,
    }
  } catch (error) {
    if (
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWSSignatureVerificationFailed
    )
      return 'other keys'
    // jose looks at claims only after the signature.
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
  exp: 'The token has no end',
}

// Several keys may fit one without a key id.
async function verifyWithAny(text: string, get: JWTVerifyGetKey, options: JWTVerifyOptions) {
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

// What is signed by the same keys and is no access token, or none that whoever holds it may use.
function validate(
  claims: Readonly<Record<string, unknown>>,
  typ: string | undefined,
  trust: TrustedIssuer,
  now: Date,
): string | undefined {
  const type = typ?.toLowerCase().replace(/^application\//, '')
  const isAccessToken =
    type === 'at+jwt' || (!trust.onlyAccessTokens && (type === undefined || type === 'jwt'))
  // Keycloak tells in the claim `typ`; the digests of a code, a token or a state stand only in ID tokens.
  const ownType = typeof claims['typ'] === 'string' ? claims['typ'].toLowerCase() : undefined
  const isOther =
    ['at_hash', 'c_hash', 's_hash', 'events'].some((claim) => claim in claims) ||
    (ownType !== undefined && ownType !== 'bearer') ||
    // That of a sign-in. Some put it into access tokens too, which then must say that they are such.
    ('nonce' in claims && type !== 'at+jwt' && ownType !== 'bearer')
  if (!isAccessToken || isOther) return 'The token is no access token'
  if ('cnf' in claims) return 'The token is bound to a key, which is not supported'
  if (typeof claims['sub'] !== 'string' || !subjectPattern.test(claims['sub']))
    return 'The token names no subject'
  const { iat } = claims
  if (
    iat !== undefined &&
    (typeof iat !== 'number' || iat * 1_000 > now.getTime() + trust.toleranceSeconds * 1_000)
  )
    return 'The token is not valid yet'
  return undefined
}
