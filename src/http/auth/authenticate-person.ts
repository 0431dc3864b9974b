import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import type { Refusal, Tokens } from '../../oidc/tokens.ts'
import type { Role } from '../../tenancy/principal.ts'
import { bearerOf, challengeOf, isNoGuess, whenVerified } from './bearer.ts'
import { createOrganisationTree, type Tree } from './organisations.ts'
import { personOf, type Person } from './person.ts'

export interface PersonAuthenticationDeps {
  readonly directory: Tree
  /** Undefined: Kontor trusts no issuer of tokens. */
  readonly tokens: Pick<Tokens, 'verify'> | undefined
  /** Undefined: there is no admin token. */
  readonly adminToken: string | undefined
}

/**
 * Authenticates people and machines by access token or admin token, and checks that they have an
 * allowed role.
 */
export function createPersonAuthentication({
  tokens,
  directory,
  adminToken,
}: PersonAuthenticationDeps): (
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly Role[],
) => void | Promise<void> {
  const admin: Person = {
    kind: 'person',
    actor: 'admin',
    roles: new Set<Role>(['operator']),
    scope: 'all',
  }
  const adminDigest = adminToken === undefined ? undefined : sha256(adminToken)
  const organisationsOf = createOrganisationTree(directory)
  const isAdmin = (token: string) =>
    adminDigest !== undefined && timingSafeEqual(sha256(token), adminDigest)
  const refuse = (reply: FastifyReply, challenge: string, verified?: Refusal): never => {
    void reply.header('www-authenticate', challenge)
    throw new BrokerError(
      'unauthorized',
      'Send the admin token or an access token that is valid here, as a bearer token.',
      { isNoGuess: isNoGuess(verified) },
    )
  }
  const accept = (request: FastifyRequest, allowed: readonly Role[], person: Person): void => {
    request.principal = person
    if (allowed.some((role) => person.roles.has(role))) return
    throw new BrokerError('forbidden', 'Your roles do not allow this.')
  }
  return (request, reply, allowed) => {
    const token = bearerOf(request.headers.authorization)
    if (token === undefined) return refuse(reply, challengeOf())
    if (isAdmin(token)) return accept(request, allowed, admin)
    if (tokens === undefined) return refuse(reply, challengeOf({}))
    return whenVerified(tokens.verify(token), (verified) =>
      'claims' in verified
        ? accept(request, allowed, personOf(verified, organisationsOf, allowed))
        : refuse(reply, challengeOf(verified), verified),
    )
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
