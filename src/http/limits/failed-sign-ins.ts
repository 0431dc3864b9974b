// Failed sign-ins are counted, logged, and answered with 429 when there are too many. Kontor checks
// the credentials first, and accepts right ones however many wrong ones came before: neither a
// neighbour behind the same NAT nor an attacker who knows a platform's user name can lock the
// platform out. So this does not prevent guessing; passwords of 192 random bits do, and comparing
// one takes microseconds. It informs the operator, keeps the log small, and slows down a client
// with wrong settings.
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { defineCounter } from '../../telemetry/counter.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { receivedCertificateOf } from '../auth/certificate.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import type { LogThrottle } from './log-throttle.ts'
import { networkOf } from './client-network.ts'
import { requestsRefused } from './refusals.ts'

/** Which credentials a request carried. */
type SignInKind = 'missing' | 'basic' | 'bearer' | 'certificate' | 'other'

const signInsFailed = defineCounter<{ kind: SignInKind }>(
  'kontor_sign_ins_failed_total',
  'Requests whose sign-in failed, by the kind of credentials that they had.',
  ['kind'],
)

export interface FailedSignIns {
  /** @returns seconds to wait if it was one too many, else 0 */
  count(request: FastifyRequest, about: FailedSignIn): number
}

export interface FailedSignIn {
  /**
   * The credentials were once right, or Kontor cannot check them: logged and counted, but not
   * limited.
   */
  readonly isNoGuess: boolean
  /** Whether the scope lets clients sign in with a TLS certificate. */
  readonly acceptsCertificates: boolean
}

export interface FailedSignInsDeps {
  /** From one address, and for one user name; 0: no limit. */
  readonly perMinute: number
  readonly metrics: Pick<Metrics, 'count'>
  readonly logThrottle: LogThrottle
}

const maxWaitMs = 900_000

export function createFailedSignIns({
  perMinute,
  metrics,
  logThrottle,
}: FailedSignInsDeps): FailedSignIns {
  const rateLimit = (): RateLimit | undefined =>
    perMinute === 0
      ? undefined
      : createRateLimit({ perSecond: perMinute / 60, burstSeconds: 60, maxWaitMs })
  const byAddress = rateLimit()
  const byName = rateLimit()
  return {
    count(request, { isNoGuess, acceptsCertificates }) {
      const { kind, name, ...certificate } = credentialsOf(request, acceptsCertificates)
      metrics.count(signInsFailed, { kind })
      // Many clients send their first request without credentials, to get the challenge.
      if (kind === 'missing') return 0
      const address = networkOf(request.ip)
      // A kind of its own: guesses from the same address must not suppress the line about a wrong
      // certificate.
      logThrottle.warn(
        `${kind === 'certificate' ? 'certificate' : 'sign-in'} ${address}`,
        'a sign-in failed',
        { kind, address, ...certificate },
      )
      // Certificates cannot be guessed.
      if (isNoGuess || kind === 'certificate') return 0
      const nowMs = performance.now()
      const waitMs = Math.max(
        byAddress?.take(address, nowMs) ?? 0,
        name === undefined ? 0 : (byName?.take(name, nowMs) ?? 0),
      )
      if (waitMs === 0) return 0
      metrics.count(requestsRefused, { reason: 'sign_ins' })
      return Math.ceil(waitMs / 1_000)
    },
  }
}

interface Credentials {
  readonly kind: SignInKind
  readonly name?: string
  readonly fingerprint?: string
  readonly problem?: string
}

/**
 * `name` is a digest: people type passwords where names belong, and keys should have one length.
 */
function credentialsOf(request: FastifyRequest, acceptsCertificates: boolean): Credentials {
  const { authorization } = request.headers
  if (authorization === undefined) {
    const received = acceptsCertificates ? receivedCertificateOf(request.raw.socket) : undefined
    return received === undefined ? { kind: 'missing' } : { kind: 'certificate', ...received }
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
