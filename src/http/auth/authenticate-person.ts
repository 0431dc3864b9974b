import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import type { TrustedIssuer } from '../../oidc/issuers.ts'
import type { Refusal, Token, Tokens } from '../../oidc/tokens.ts'
import { claimedOf, type Claimed } from '../../people/claimed.ts'
import { findOrCreatePerson, type PeopleDeps } from '../../people/find-or-create.ts'
import { createPrincipals, type PersonPrincipal } from '../../people/principal.ts'
import type { KnownTokens, ValidToken } from '../../people/tokens/known-tokens.ts'
import { isTokenText } from '../../people/tokens/text.ts'
import type { StandingDeps } from '../../people/standings.ts'
import type { Role } from '../../tenancy/principal.ts'
import { bearerOf, challengeOf, isNoGuess, whenVerified } from './bearer.ts'

export interface PersonAuthenticationDeps extends PeopleDeps {
  readonly directory: StandingDeps['directory']
  /** Undefined: Kontor trusts no issuer of tokens. */
  readonly tokens: Pick<Tokens, 'verify'> | undefined
  /** Personal API tokens, and the trusted issuers whose people they may stand for. */
  readonly apiTokens: Pick<KnownTokens, 'verify'>
  readonly issuers: ReadonlyArray<Pick<TrustedIssuer, 'issuer' | 'alias'>>
  /** Undefined: there is no admin token. */
  readonly adminToken: string | undefined
}

/**
 * Authenticates people and machines by access token or admin token, and checks that they have an
 * allowed role.
 */
export function createPersonAuthentication(
  deps: PersonAuthenticationDeps,
): (
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly Role[],
) => void | Promise<void> {
  const { tokens, adminToken } = deps
  const admin: PersonPrincipal = {
    kind: 'person',
    actor: 'admin',
    roles: new Set<Role>(['operator']),
    scope: 'all',
    signedIn: undefined,
  }
  const adminDigest = adminToken === undefined ? undefined : sha256(adminToken)
  const principalOf = createPrincipals(deps)
  const claims = rememberClaims()
  const aliases = new Map(deps.issuers.map(({ issuer, alias }) => [issuer, alias]))
  const aliasOf = (issuer: string) => aliases.get(issuer)
  const isAdmin = (token: string) =>
    adminDigest !== undefined && timingSafeEqual(sha256(token), adminDigest)
  const refuse = (reply: FastifyReply, challenge: string, verified?: Refusal): never => {
    void reply.header('www-authenticate', challenge)
    throw new BrokerError(
      'unauthorized',
      'Send the admin token, a personal token or a valid access token, as a bearer token.',
      { isNoGuess: isNoGuess(verified) },
    )
  }
  const accept = (
    request: FastifyRequest,
    allowed: readonly Role[],
    person: PersonPrincipal,
  ): void => {
    request.principal = person
    if (allowed.some((role) => person.roles.has(role))) return
    throw new BrokerError('forbidden', 'Your roles do not allow this.')
  }
  const acceptToken = (
    request: FastifyRequest,
    allowed: readonly Role[],
    { claimed, access }: ValidToken,
  ): void => {
    accept(request, allowed, principalOf(claimed, allowed))
    if (access === 'read' && request.method !== 'GET' && request.method !== 'HEAD')
      throw new BrokerError('forbidden', 'This token only reads.')
  }
  return (request, reply, allowed) => {
    const token = bearerOf(request.headers.authorization)
    if (token === undefined) return refuse(reply, challengeOf())
    if (isAdmin(token)) return accept(request, allowed, admin)
    if (isTokenText(token)) {
      const valid = deps.apiTokens.verify(token, aliasOf)
      if (valid === undefined) return refuse(reply, challengeOf({}))
      return acceptToken(request, allowed, valid)
    }
    if (tokens === undefined) return refuse(reply, challengeOf({}))
    return whenVerified(tokens.verify(token), (verified) => {
      if (!('claims' in verified)) return refuse(reply, challengeOf(verified), verified)
      const claimed = claims(verified)
      const admit = () => {
        accept(request, allowed, principalOf(claimed, allowed))
      }
      const person = allowed.includes('person') ? findOrCreatePerson(deps, claimed) : undefined
      return person instanceof Promise ? person.then(admit) : admit()
    })
  }
}

/** What a token claims, read once for each cached token. */
function rememberClaims(): (token: Token) => Claimed {
  const known = new WeakMap<Token, Claimed>()
  return (token) => {
    const claimed = known.get(token) ?? claimedOf(token)
    known.set(token, claimed)
    return claimed
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
