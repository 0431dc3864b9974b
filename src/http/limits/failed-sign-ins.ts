// Failed sign-ins: counted, told, and after too many answered with 429. The credentials are judged first, and right ones
// are let in however many wrong ones came before: neither a neighbour behind the same NAT nor somebody who knows a
// platform's user name can lock it out. So this does not keep anybody from guessing; that is done by passwords of 192
// random bits, which are compared in microseconds. It tells an operator, keeps the log small, and tells a client that
// was set up wrong to go slower.
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { LimitMetrics, SignInKind } from '../../telemetry/limit-metrics.ts'
import { shownCertificateOf } from '../auth/certificate.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import type { LogThrottle } from './log-throttle.ts'
import { networkOf } from './client.ts'

export interface FailedSignIns {
  /** @returns seconds to wait if it was one too many, else 0 */
  count(request: FastifyRequest, about: FailedSignIn): number
}

export interface FailedSignIn {
  /** The credentials were once right, or Kontor could not check them: logged and counted, but not limited. */
  readonly isNoGuess: boolean
  /** Whether the scope lets clients sign in with a TLS certificate. */
  readonly acceptsCertificates: boolean
}

export interface FailedSignInsDeps {
  /** Of one address and of one user name; 0: as many as they like. */
  readonly perMinute: number
  readonly metrics: LimitMetrics
  readonly logThrottle: LogThrottle
}

const maxMs = 900_000

export function createFailedSignIns({
  perMinute,
  metrics,
  logThrottle,
}: FailedSignInsDeps): FailedSignIns {
  const rateLimit = (): RateLimit | undefined =>
    perMinute === 0
      ? undefined
      : createRateLimit({ perSecond: perMinute / 60, burstSeconds: 60, maxMs })
  const byAddress = rateLimit()
  const byName = rateLimit()
  return {
    count(request, { isNoGuess, acceptsCertificates }) {
      const { kind, name, ...more } = claimOf(request, acceptsCertificates)
      metrics.signInFailed(kind)
      // Many clients ask without credentials first, to be told how to sign in: they must be told.
      if (kind === 'missing') return 0
      const address = networkOf(request.ip)
      // Beside an address that guesses, or behind its NAT, a wrong certificate is to be seen.
      logThrottle.tell(
        `${kind === 'certificate' ? 'certificate' : 'sign-in'} ${address}`,
        'sign-ins fail',
        { kind, address, ...more },
      )
      // A certificate is nothing that anybody can guess.
      if (isNoGuess || kind === 'certificate') return 0
      const nowMs = performance.now()
      const waitMs = Math.max(
        byAddress?.take(address, nowMs) ?? 0,
        name === undefined ? 0 : (byName?.take(name, nowMs) ?? 0),
      )
      if (waitMs === 0) return 0
      metrics.refused('sign_ins')
      return Math.ceil(waitMs / 1_000)
    },
  }
}

interface Claim {
  readonly kind: SignInKind
  readonly name?: string
  readonly fingerprint?: string
  readonly problem?: string
}

/** The name only as a digest: people type passwords where names belong, and a key should have one length. */
function claimOf(request: FastifyRequest, acceptsCertificates: boolean): Claim {
  const { authorization } = request.headers
  if (authorization === undefined) {
    const shown = acceptsCertificates ? shownCertificateOf(request.raw.socket) : undefined
    return shown === undefined ? { kind: 'missing' } : { kind: 'certificate', ...shown }
  }
  const [, scheme = '', value = ''] = /^(\S+) *(.*)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer' }
  if (scheme.toLowerCase() !== 'basic') return { kind: 'other' }
  const text = Buffer.from(value, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 1
    ? { kind: 'basic' }
    : { kind: 'basic', name: createHash('sha256').update(text.slice(0, colon)).digest('base64') }
}
