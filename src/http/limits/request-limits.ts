import type { FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { networkOf } from './client-network.ts'
import type { LogThrottle } from './log-throttle.ts'
import type { Pressure } from './pressure.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import { requestsRefused } from './refusals.ts'
import type { TrafficClass } from './traffic-class.ts'

export interface RequestLimitsDeps {
  readonly rates: {
    /** Per second and client; 0: no limit. */
    readonly orders: number
    readonly requests: number
    readonly burstSeconds: number
  }
  readonly pressure: Pressure
  readonly metrics: Pick<Metrics, 'count'>
  readonly logThrottle: LogThrottle
}

export interface RequestLimits {
  /** @throws BrokerError `rate_limited` or `overloaded` when the request is one too many */
  check(request: FastifyRequest, traffic: TrafficClass): void
}

/** One rate limit for each traffic class, and the pressure on the process. */
export function createRequestLimits({
  rates,
  pressure,
  metrics,
  logThrottle,
}: RequestLimitsDeps): RequestLimits {
  const rateLimits = new Map<TrafficClass, RateLimit>()
  const load = createPlatformLoad()
  // Below the average load, a platform is refused one pressure level later.
  const isSpared = (platformId: string | undefined, fromLevel: number): boolean =>
    pressure.level() === fromLevel && platformId !== undefined && load.isLight(platformId)
  return {
    check(request, traffic) {
      const { underPressure, rateLimit } = traffic
      const { principal } = request
      const platformId = principal?.kind === 'platform' ? principal.platform.id : undefined
      if (platformId !== undefined) load.count(platformId, performance.now())
      if (
        underPressure !== undefined &&
        pressure.level() >= underPressure.fromLevel &&
        !isSpared(platformId, underPressure.fromLevel)
      ) {
        metrics.count(requestsRefused, { reason: pressure.reason() })
        throw refusedUnderPressure(underPressure.code)
      }
      if (rateLimit === undefined || rates[rateLimit.rate] === 0) return
      let limit = rateLimits.get(traffic)
      if (limit === undefined) {
        const perSecond = rates[rateLimit.rate] * rateLimit.times
        limit = createRateLimit({ perSecond, burstSeconds: rates.burstSeconds })
        rateLimits.set(traffic, limit)
      }
      // A request counts for the signed-in principal, from any address, or else for its network.
      const client =
        platformId ?? (principal?.kind === 'person' ? principal.actor : networkOf(request.ip))
      const waitMs = limit.take(client, performance.now())
      if (waitMs === 0) return
      const { reason } = rateLimit
      metrics.count(requestsRefused, { reason })
      logThrottle.warn(`${reason} ${client}`, 'more requests than allowed', { reason, by: client })
      throw refusedByRate(traffic.noun, Math.ceil(waitMs / 1_000))
    },
  }
}

function refusedByRate(noun: string, seconds: number): BrokerError {
  return new BrokerError(
    'rate_limited',
    `Too many ${noun} in a short time. Nothing was done; try again in ${inWords(seconds)}.`,
    { retryAfterSeconds: seconds },
  )
}

let refusals = 0

function refusedUnderPressure(code: 'rate_limited' | 'overloaded'): BrokerError {
  // Clients that are refused together must not return together.
  const seconds = 2 + (refusals++ % 9)
  const sentence =
    code === 'rate_limited'
      ? 'Kontor has too much to do and takes no new orders at present. Nothing was done; try ' +
        `again in ${inWords(seconds)}.`
      : `Kontor has too much to do at present. Try again in ${inWords(seconds)}.`
  return new BrokerError(code, sentence, { retryAfterSeconds: seconds })
}

function inWords(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}

/** Which platforms send many requests at present, compared with the others. */
interface PlatformLoad {
  /** Counts a request, refused or not. */
  count(platformId: string, nowMs: number): void
  /** Whether it sends less than half of what platforms send on average, so not for one alone. */
  isLight(platformId: string): boolean
}

const windowMs = 5_000

/** Counts over the present and the previous window of five seconds. */
function createPlatformLoad(): PlatformLoad {
  let present = new Map<string, number>()
  let previous = new Map<string, number>()
  let startedAt = 0

  const totalOf = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count, 0)
  const loadOf = (id: string) => (present.get(id) ?? 0) + (previous.get(id) ?? 0)

  return {
    count(platformId, nowMs) {
      if (nowMs - startedAt >= windowMs) {
        previous = nowMs - startedAt < 2 * windowMs ? present : new Map()
        present = new Map()
        startedAt = nowMs
      }
      present.set(platformId, (present.get(platformId) ?? 0) + 1)
    },
    isLight(platformId) {
      const platforms = new Set([...present.keys(), ...previous.keys()]).size
      const total = totalOf(present) + totalOf(previous)
      return loadOf(platformId) < total / platforms / 2
    },
  }
}
