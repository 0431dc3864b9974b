import type { Claimed } from '../claimed.ts'

/** A person who is signed in to the console, in one browser. */
export interface Session {
  readonly id: string
  readonly personId: string
  readonly issuer: string
  readonly subject: string
  /** The session at the issuer; null: it names none. */
  readonly sid: string | null
  readonly claimed: KeptClaims
  /** When the person proved at the issuer who it is: dangerous acts ask that it was lately. */
  readonly authenticatedAt: Date
  readonly createdAt: Date
  /** When it ends at the latest. */
  readonly expiresAt: Date
  /** As the browser names itself. Untrusted text. */
  readonly userAgent: string
  /** To the minute. */
  readonly lastUsedAt: Date
}

/** What a session keeps of the claims of its ID token. */
export interface KeptClaims {
  readonly duties: readonly string[]
  readonly organisations: readonly string[]
  readonly providers: readonly string[]
  readonly email: string | null
  readonly isEmailVerified: boolean
}

export interface SessionLimits {
  /** A session that is not used for so long has ended. */
  readonly idleMs: number
  /** How long a session lasts at most. */
  readonly maxMs: number
}

export function keptOf(claimed: Claimed): KeptClaims {
  const { duties, organisations, providers, email, isEmailVerified } = claimed
  return { duties: [...duties], organisations, providers, email, isEmailVerified }
}

/** @param alias  of the issuer, as the configuration has it now */
export function claimedOfSession(
  { issuer, subject, claimed }: Pick<Session, 'issuer' | 'subject' | 'claimed'>,
  alias: string,
): Claimed {
  return {
    issuer,
    alias,
    subject,
    name: null,
    language: null,
    email: claimed.email,
    isEmailVerified: claimed.isEmailVerified,
    // Written by `keptOf` only, which the digest of the row proves.
    duties: new Set(claimed.duties) as Claimed['duties'],
    organisations: claimed.organisations,
    providers: claimed.providers,
  }
}

/** What the digest of a session covers, besides the secret of its cookie. */
export function digestedOf(session: Omit<Session, 'lastUsedAt'>, secret: string): unknown {
  const { authenticatedAt, createdAt, expiresAt, ...rest } = session
  const times = [authenticatedAt, createdAt, expiresAt].map((each) => each.toISOString())
  return { ...rest, times, secret }
}
