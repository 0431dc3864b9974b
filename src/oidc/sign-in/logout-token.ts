// The back-channel logout of OpenID Connect: the issuer says that a session, or all of a person,
// have ended.
import { errors } from 'jose'
import { issuerOf, type KnownIssuer, type Tokens } from '../tokens.ts'
import { verifyWithAny } from '../verify.ts'

export interface Logout {
  readonly issuer: string
  /** The session at the issuer; undefined: all of the subject. */
  readonly sid: string | undefined
  readonly subject: string | undefined
  /** Sessions that began later are not meant. */
  readonly issuedAt: Date
}

const event = 'http://schemas.openid.net/event/backchannel-logout'
// An old token must not end later sessions.
const maxAgeSeconds = 300
const maxCharacters = 8_192

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).
 * @returns undefined for any other token
 */
export async function verifyLogoutToken(
  text: string,
  tokens: Pick<Tokens, 'keysOf'>,
  now: Date,
): Promise<Logout | undefined> {
  const known = text.length > maxCharacters ? undefined : tokens.keysOf(issuerOf(text) ?? '')
  if (known === undefined) return undefined
  const { keys } = known
  await keys.refreshed()
  if (keys.current() === undefined) await keys.readAnew()
  const { generation } = keys
  const first = await verifyOnce(text, known, now)
  if (first !== 'other keys') return first
  if (keys.generation === generation) await keys.readAnew()
  const second = keys.generation === generation ? undefined : await verifyOnce(text, known, now)
  return second === 'other keys' ? undefined : second
}

// The token names whole seconds of another clock, and a session that began in the same one is
// meant, too.
function endOf(second: number, toleranceSeconds: number): Date {
  return new Date((second + toleranceSeconds) * 1_000 + 999)
}

async function verifyOnce(
  text: string,
  { trust, keys }: KnownIssuer,
  now: Date,
): Promise<Logout | undefined | 'other keys'> {
  const get = keys.current()
  if (get === undefined || trust.client === undefined) return undefined
  try {
    const { payload } = await verifyWithAny(text, get, {
      algorithms: [...trust.algorithms],
      issuer: trust.issuer,
      audience: trust.client.id,
      clockTolerance: trust.toleranceSeconds,
      currentDate: now,
      maxTokenAge: maxAgeSeconds,
      requiredClaims: ['iat', 'jti'],
    })
    const { events, nonce, sub, iat = 0, sid } = payload
    const isLogout = events !== null && typeof events === 'object' && Object.hasOwn(events, event)
    // An ID token has a nonce, and must not do for a logout.
    if (!isLogout || nonce !== undefined) return undefined
    const session = typeof sid === 'string' ? sid : undefined
    return session === undefined && sub === undefined
      ? undefined
      : {
          issuer: trust.issuer,
          sid: session,
          subject: sub,
          issuedAt: endOf(iat, trust.toleranceSeconds),
        }
  } catch (error) {
    return error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWSSignatureVerificationFailed
      ? 'other keys'
      : undefined
  }
}
