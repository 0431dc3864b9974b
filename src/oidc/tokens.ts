import { hash } from 'node:crypto'
import type { Log } from '../log.ts'
import { openKeys, type IssuerKeys } from './keys.ts'
import type { TrustedIssuer } from './issuers.ts'
import { verifyOnce, type Refusal, type Token } from './verify.ts'

export type { Refusal, Token } from './verify.ts'

/** Tells whose token it is, and whether it is one at all. */
export interface Tokens {
  /** At once for one that was seen before, so that a request costs a digest; else a promise, which never rejects. */
  verify(token: string): Token | Refusal | Promise<Token | Refusal>
  close(): Promise<void>
}

interface Remembered {
  readonly token: Token
  readonly keys: IssuerKeys
  readonly generation: number
  readonly untilMs: number
}

// Half of the 16 kB that Node lets in for all headers.
const maxCharacters = 8_192
const maxRemembered = 10_000

/** @param now  a time that does not jump */
export function openTokens(
  issuers: readonly TrustedIssuer[],
  { now, log }: { readonly now: () => Date; readonly log: Log },
): Tokens {
  const known = new Map(
    issuers.map((trust) => [trust.issuer, { trust, keys: openKeys(trust, { now, log }) }]),
  )
  // By their digest, the oldest first: no token is kept.
  const remembered = new Map<string, Remembered>()

  const verifyAndRemember = async (text: string, digest: string): Promise<Token | Refusal> => {
    const found = known.get(issuerOf(text) ?? '')
    if (found === undefined) return {}
    const { trust, keys } = found
    const verified = await verifyOnce(text, trust, keys, now())
    if (!('claims' in verified)) return verified
    const oldest = remembered.size >= maxRemembered ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    remembered.set(digest, {
      token: verified,
      keys,
      generation: verified.generation,
      untilMs: verified.untilMs,
    })
    return verified
  }

  const recall = (digest: string): Token | undefined => {
    const seen = remembered.get(digest)
    if (seen === undefined) return undefined
    // What was signed by a key that the issuer took back counts no more, nor what nobody could have checked for a day.
    if (
      seen.keys.current() !== undefined &&
      seen.keys.generation === seen.generation &&
      now().getTime() < seen.untilMs
    )
      return seen.token
    remembered.delete(digest)
    return undefined
  }

  return {
    verify(text) {
      if (text.length > maxCharacters) return {}
      const digest = hash('sha256', text, 'base64')
      const waiting = remembered.get(digest)?.keys.refreshed()
      if (waiting !== undefined)
        return waiting.then(() => recall(digest) ?? verifyAndRemember(text, digest))
      return recall(digest) ?? verifyAndRemember(text, digest)
    },
    async close() {
      await Promise.all(Array.from(known.values(), ({ keys }) => keys.close()))
    },
  }
}

// Not checked yet: it only tells whose keys to check it with.
function issuerOf(token: string): string | undefined {
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
