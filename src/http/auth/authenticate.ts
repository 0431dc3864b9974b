// Tells who sends a request, and whether the table lets him.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import { textOf } from '../../oidc/claims.ts'
import type { Refusal, Token, Tokens } from '../../oidc/tokens.ts'
import type { Platform } from '../../tenancy/platform.ts'
import type { Principal, Role } from '../../tenancy/principal.ts'
import type { SignIn } from '../../tenancy/sign-in.ts'
import type { Tls } from '../tls.ts'
import { certificateOf } from './certificate.ts'
import type { Permission } from './permissions.ts'
import { createOrganisationTree, type Tree } from './organisations.ts'
import { personOf, type Person } from './person.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}

export interface AuthenticateDeps {
  readonly signIn: SignIn
  readonly directory: Tree
  readonly now: () => Date
  /** Undefined: nobody's tokens count. */
  readonly tokens: Pick<Tokens, 'verify'> | undefined
  /** Undefined: it opens nothing. */
  readonly adminToken: string | undefined
  /** Tells connections whose certificates were checked with other authorities than those of now; undefined: there are none. */
  readonly tls: Pick<Tls, 'isOutdated'> | undefined
}

/**
 * Lets a request through or throws `unauthorized` or `forbidden`; tells the request who sends it. A promise only for a
 * token that is not known yet: each costs some microseconds.
 */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
  permission: Permission,
) => void | Promise<void>

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const asPlatform = platformGate(deps)
  const asPerson = personGate(deps)
  return (request, reply, permission) => {
    if (permission === 'public') return
    return permission === 'platform'
      ? asPlatform(request, reply)
      : asPerson(request, reply, permission)
  }
}

function platformGate({ signIn, tokens, now, tls }: AuthenticateDeps) {
  const enter = (
    request: FastifyRequest,
    reply: FastifyReply,
    platform: Platform | undefined,
    challenge: string | undefined,
    verified?: Token | Refusal,
  ): void => {
    if (platform !== undefined) {
      request.principal = { kind: 'platform', platform }
      return
    }
    const basic = 'Basic realm="kontor", charset="UTF-8"'
    void reply.header('www-authenticate', challenge === undefined ? basic : [basic, challenge])
    throw new BrokerError('unauthorized', 'Sign in with the credentials of a platform.', {
      isNoGuess: isNoGuess(verified),
    })
  }
  const ofCertificate = (request: FastifyRequest): Platform | undefined => {
    const { socket } = request.raw
    const certificate = tls?.isOutdated(socket) === true ? undefined : certificateOf(socket)
    if (certificate === undefined) return undefined
    // It may end while its connection is open.
    const at = now().getTime()
    return certificate.validFromMs <= at && at < certificate.validToMs
      ? signIn.platformOfCertificate(certificate.names)
      : undefined
  }
  const ofToken = (verified: Token | Refusal): Platform | undefined => {
    const subject =
      'claims' in verified ? textOf(verified, verified.trust.platformClaim) : undefined
    return subject === undefined || !('claims' in verified)
      ? undefined
      : signIn.platformOfToken(verified.trust.issuer, subject)
  }
  const none = tokens === undefined ? undefined : challengeOf()
  return (request: FastifyRequest, reply: FastifyReply): void | Promise<void> => {
    const { authorization } = request.headers
    // What is said in the request counts, and what is said wrongly is not mended by the connection.
    if (authorization === undefined) return enter(request, reply, ofCertificate(request), none)
    const token = tokens === undefined ? undefined : bearerOf(authorization)
    if (token === undefined || tokens === undefined)
      return enter(request, reply, signIn.platformOf(authorization), none)
    return whenVerified(tokens.verify(token), (verified) =>
      enter(request, reply, ofToken(verified), challengeOf(verified), verified),
    )
  }
}

function personGate({ tokens, directory, adminToken }: AuthenticateDeps) {
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
  const enter = (request: FastifyRequest, allowed: readonly Role[], person: Person): void => {
    request.principal = person
    if (allowed.some((role) => person.roles.has(role))) return
    throw new BrokerError('forbidden', 'Your roles do not allow this.')
  }
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    allowed: readonly Role[],
  ): void | Promise<void> => {
    const token = bearerOf(request.headers.authorization)
    if (token === undefined) return refuse(reply, challengeOf())
    if (isAdmin(token)) return enter(request, allowed, admin)
    if (tokens === undefined) return refuse(reply, challengeOf({}))
    return whenVerified(tokens.verify(token), (verified) =>
      'claims' in verified
        ? enter(request, allowed, personOf(verified, organisationsOf, allowed))
        : refuse(reply, challengeOf(verified), verified),
    )
  }
}

function whenVerified(
  verified: Token | Refusal | Promise<Token | Refusal>,
  then: (verified: Token | Refusal) => void,
): void | Promise<void> {
  return verified instanceof Promise ? verified.then(then) : then(verified)
}

// RFC 6750, 3: no error when no token was sent. Only who has a token of a trusted issuer hears what is wrong with it.
function challengeOf(verified?: Token | Refusal): string {
  if (verified === undefined) return 'Bearer realm="kontor"'
  const reason = 'reason' in verified ? `, error_description="${verified.reason}"` : ''
  return `Bearer realm="kontor", error="invalid_token"${reason}`
}

// Signed by its issuer, if only for somebody else or in the past; or signed by nobody knows whom, while the issuer is away.
function isNoGuess(verified: Token | Refusal | undefined): boolean {
  return (
    verified !== undefined &&
    ('claims' in verified || verified.reason !== undefined || verified.isUnjudged === true)
  )
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
