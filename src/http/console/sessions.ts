import type { FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { TrustedIssuer } from '../../oidc/issuers.ts'
import type { Claimed } from '../../people/claimed.ts'
import { createPrincipals } from '../../people/principal.ts'
import type { StandingDeps } from '../../people/standings.ts'
import type { SessionDeps } from '../../people/sessions/begin.ts'
import { createSessionReads, type OpenSession } from '../../people/sessions/find.ts'
import { claimedOfSession } from '../../people/sessions/session.ts'
import { readCookie, setCookie } from './cookies.ts'
import { isAskedByScript } from './live.ts'
import type { PagePermission } from './permission.ts'

export interface SessionAuthenticationDeps extends SessionDeps, StandingDeps {
  readonly isSecure: boolean
  /** An issuer that Kontor trusts now, by its `iss`. */
  issuerOf(issuer: string): Pick<TrustedIssuer, 'alias'> | undefined
}

// With the prefix no other host of the domain can set it, and it never goes over plain HTTP.
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-kontor' : 'kontor')

// Of sessions in use at once; others are computed anew.
const maxKnown = 10_000

const sessions = new WeakMap<FastifyRequest, OpenSession>()

/** The session of a request, after its authentication. */
export function sessionOf(request: FastifyRequest): OpenSession | undefined {
  return sessions.get(request)
}

/** Lets in people with a session and an allowed role. */
export function createSessionAuthentication(
  deps: SessionAuthenticationDeps,
): (request: FastifyRequest, permission: PagePermission) => void | Promise<void> {
  const principalOf = createPrincipals(deps)
  const claims = rememberClaims()
  const findSession = createSessionReads(deps)
  const admit = (
    request: FastifyRequest,
    permission: Exclude<PagePermission, 'file'>,
    session: OpenSession | undefined,
  ): void => {
    const trust = session === undefined ? undefined : deps.issuerOf(session.issuer)
    if (session === undefined || trust === undefined) {
      if (permission === 'public') return
      throw signInFirst()
    }
    const allowed = permission === 'public' ? (['person'] as const) : permission
    const principal = principalOf(claims(session, trust.alias), allowed)
    request.principal = principal
    sessions.set(request, session)
    if (!allowed.some((role) => principal.roles.has(role)))
      throw new BrokerError('forbidden', 'Your roles do not allow this.')
  }
  return (request, permission) => {
    if (permission === 'file') return
    const cookie = readCookie(request, cookieName(deps.isSecure))
    if (cookie === undefined) return admit(request, permission, undefined)
    return findSession(cookie, !isAskedByScript(request)).then((session) => {
      admit(request, permission, session)
    })
  }
}

/** What a session claims, one object for all its requests: standings are cached by it. */
function rememberClaims(): (session: OpenSession, alias: string) => Claimed {
  const known = new Map<string, Claimed>()
  return (session, alias) => {
    const claimed = known.get(session.id) ?? claimedOfSession(session, alias)
    // The least recently used goes first.
    known.delete(session.id)
    known.set(session.id, claimed)
    const [oldest] = known.keys()
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest)
    return claimed
  }
}

export function keepSession(
  reply: FastifyReply,
  { isSecure, sessionLimits }: Pick<SessionAuthenticationDeps, 'isSecure' | 'sessionLimits'>,
  text: string,
): void {
  const maxAgeSeconds = Math.floor(sessionLimits.maxMs / 1_000)
  setCookie(reply, cookieName(isSecure), text, { secure: isSecure, maxAgeSeconds })
}

export function forgetSession(
  reply: FastifyReply,
  { isSecure }: Pick<SessionAuthenticationDeps, 'isSecure'>,
): void {
  setCookie(reply, cookieName(isSecure), '', { secure: isSecure, maxAgeSeconds: 0 })
}

function signInFirst(): BrokerError {
  // No secret of 32 bytes can be guessed, so it counts for no limit.
  return new BrokerError('unauthorized', 'Sign in first.', { isNoGuess: true })
}
