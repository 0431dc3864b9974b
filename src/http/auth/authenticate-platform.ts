import type { FastifyReply, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import { textOf } from '../../oidc/claims.ts'
import type { Refusal, Token, Tokens } from '../../oidc/tokens.ts'
import type { Platform } from '../../tenancy/platform.ts'
import type { SignIn } from '../../tenancy/sign-in.ts'
import type { Tls } from '../tls.ts'
import { bearerOf, challengeOf, isNoGuess, whenVerified } from './bearer.ts'
import { certificateOf } from './certificate.ts'

export interface PlatformAuthenticationDeps {
  readonly signIn: SignIn
  readonly now: () => Date
  /** Undefined: Kontor trusts no issuer of tokens. */
  readonly tokens: Pick<Tokens, 'verify'> | undefined
  /** Undefined: Kontor does not terminate TLS itself. */
  readonly tls: Pick<Tls, 'isOutdated'> | undefined
}

/** Authenticates platforms by password, access token or client certificate. */
export function createPlatformAuthentication(
  deps: PlatformAuthenticationDeps,
): (request: FastifyRequest, reply: FastifyReply) => void | Promise<void> {
  const { signIn, tokens } = deps
  const { ofCertificate, ofToken } = lookUps(deps)
  const noToken = tokens === undefined ? undefined : challengeOf()
  return (request, reply) => {
    const { authorization } = request.headers
    const token = tokens === undefined ? undefined : bearerOf(authorization)
    if (token !== undefined && tokens !== undefined)
      return whenVerified(tokens.verify(token), (verified) => {
        const platform = ofToken(verified)
        if (platform === undefined) throw refuse(reply, challengeOf(verified), verified)
        request.principal = { kind: 'platform', platform }
      })
    // The header goes before the certificate: wrong credentials fail even on a connection with a
    // right certificate.
    const platform =
      authorization === undefined ? ofCertificate(request) : signIn.platformOf(authorization)
    if (platform === undefined) throw refuse(reply, noToken)
    request.principal = { kind: 'platform', platform }
  }
}

function refuse(
  reply: FastifyReply,
  challenge: string | undefined,
  verified?: Token | Refusal,
): BrokerError {
  const basic = 'Basic realm="kontor", charset="UTF-8"'
  void reply.header('www-authenticate', challenge === undefined ? basic : [basic, challenge])
  return new BrokerError('unauthorized', 'Sign in with the credentials of a platform.', {
    isNoGuess: isNoGuess(verified),
  })
}

function lookUps({ signIn, now, tls }: PlatformAuthenticationDeps) {
  const ofCertificate = (request: FastifyRequest): Platform | undefined => {
    const { socket } = request.raw
    const certificate = tls?.isOutdated(socket) === true ? undefined : certificateOf(socket)
    if (certificate === undefined) return undefined
    // It may expire while its connection is open.
    const nowMs = now().getTime()
    return certificate.validFromMs <= nowMs && nowMs < certificate.validToMs
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
  return { ofCertificate, ofToken }
}
