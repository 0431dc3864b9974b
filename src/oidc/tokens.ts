import { hash } from 'node:crypto'
import type { Log } from '../log.ts'
import { openKeys, type IssuerKeys } from './keys.ts'
import type { TrustedIssuer } from './issuers.ts'
import { verifyOnce, type Refusal, type Token } from './verify.ts'

export type { Refusal, Token } from './verify.ts'

/** Verifies access tokens, and caches those that are valid. */
export interface Tokens {
  /**
   * Answers synchronously for a cached token, so that a request costs only a digest; else with a
   * promise, which never rejects.
   */
  verify(token: string): Token | Refusal | Promise<Token | Refusal>
  /** The keys of a trusted issuer, for tokens of other kinds. */
  keysOf(issuer: string): KnownIssuer | undefined
  close(): Promise<void>
}

export interface KnownIssuer {
  readonly trust: TrustedIssuer
  readonly keys: IssuerKeys
}

interface CachedToken {
  readonly token: Token
  readonly keys: IssuerKeys
}

// Half of the 16 kB that Node allows for all headers.
const maxCharacters = 8_192
const maxCached = 10_000

/** @param now  a clock that does not jump */
export function openTokens(
  issuers: readonly TrustedIssuer[],
  { now, log }: { readonly now: () => Date; readonly log: Log },
): Tokens {
  const known = new Map(
    issuers.map((trust) => [trust.issuer, { trust, keys: openKeys(trust, { now, log }) }]),
  )
  // By digest, so that no token stays in memory; the oldest first.
  const cached = new Map<string, CachedToken>()

  const verifyAndCache = async (text: string, digest: string): Promise<Token | Refusal> => {
    const found = known.get(issuerOf(text) ?? '')
    if (found === undefined) return {}
    const { trust, keys } = found
    const verified = await verifyOnce(text, trust, keys, now())
    if (!('claims' in verified)) return verified
    const oldest = cached.size >= maxCached ? cached.keys().next().value : undefined
    if (oldest !== undefined) cached.delete(oldest)
    cached.set(digest, { token: verified, keys })
    return verified
  }

  const fromCache = (digest: string): Token | undefined => {
    const entry = cached.get(digest)
    if (entry === undefined) return undefined
    if (isStillValid(entry, now())) return entry.token
    cached.delete(digest)
    return undefined
  }

  return {
    verify(text) {
      if (text.length > maxCharacters) return {}
      const digest = hash('sha256', text, 'base64')
      const waiting = cached.get(digest)?.keys.refreshed()
      if (waiting !== undefined)
        return waiting.then(() => fromCache(digest) ?? verifyAndCache(text, digest))
      return fromCache(digest) ?? verifyAndCache(text, digest)
    },
    keysOf: (issuer) => known.get(issuer),
    async close() {
      await Promise.all(Array.from(known.values(), ({ keys }) => keys.close()))
    },
  }
}

/**
 * A token whose key the issuer has withdrawn is no longer valid, nor one whose issuer has been
 * unreachable for a day.
 */
function isStillValid({ token, keys }: CachedToken, now: Date): boolean {
  return (
    keys.current() !== undefined &&
    keys.generation === token.generation &&
    now.getTime() < token.untilMs
  )
}

/** Unverified: it only selects the issuer whose keys verify the token. */
export function issuerOf(token: string): string | undefined {
  const [, payload, signature, more] = token.split('.')
  if (payload === undefined || signature === undefined || more !== undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return claims !== null &&
      typeof claims === 'object' &&
      'iss' in claims &&
      typeof claims.iss === 'string'
      ? claims.iss
      : undefined
  } catch {
    return undefined
  }
}
