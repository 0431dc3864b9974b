import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { LimitMetrics } from '../../telemetry/limit-metrics.ts'
import type { Scope } from '../scope.ts'
import { clientOf } from './client.ts'
import type { LogThrottle } from './log-throttle.ts'
import type { Pressure } from './pressure.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import type { TrafficClass } from './traffic-class.ts'

export interface RequestLimitsDeps {
  readonly rates: {
    /** Per second and client; 0: no limit. */
    readonly orders: number
    readonly requests: number
    readonly burstSeconds: number
  }
  readonly pressure: Pressure
  readonly metrics: LimitMetrics
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
  const rateLimits = new Map<TrafficClass, RateLimit | undefined>()
  const rateLimitOf = (traffic: TrafficClass): RateLimit | undefined => {
    if (rateLimits.has(traffic)) return rateLimits.get(traffic)
    const { rate, times } = traffic.rateLimit ?? { rate: 'requests', times: 0 }
    const perSecond = rates[rate] * times
    const made =
      perSecond === 0 ? undefined : createRateLimit({ perSecond, burstSeconds: rates.burstSeconds })
    rateLimits.set(traffic, made)
    return made
  }
  const checkPressure = ({ underPressure }: TrafficClass): void => {
    if (underPressure === undefined || pressure.level() < underPressure.fromLevel) return
    metrics.refused(pressure.reason())
    throw refusedUnderPressure(underPressure.code)
  }
  const checkRate = (request: FastifyRequest, traffic: TrafficClass): void => {
    const rateLimit = rateLimitOf(traffic)
    if (rateLimit === undefined || traffic.rateLimit === undefined) return
    const client = clientOf(request)
    const waitMs = rateLimit.take(client, performance.now())
    if (waitMs === 0) return
    const { reason } = traffic.rateLimit
    metrics.refused(reason)
    logThrottle.warn(`${reason} ${client}`, 'more requests than allowed', { reason, by: client })
    const seconds = Math.ceil(waitMs / 1_000)
    throw new BrokerError(
      'rate_limited',
      `Too many ${traffic.noun} in a short time. Nothing was done; try again in ` +
        `${inWords(seconds)}.`,
      { retryAfterSeconds: seconds },
    )
  }
  return {
    check(request, traffic) {
      checkPressure(traffic)
      checkRate(request, traffic)
    },
  }
}

/**
 * Checks the limits of each request to a scope: after authentication, and before anything is read
 * or written, so that "Nothing was done" is always true.
 */
export function limitRequests(
  app: FastifyInstance,
  { trafficOf, unknownPathTraffic }: Pick<Scope, 'trafficOf' | 'unknownPathTraffic'>,
  limits: RequestLimits,
): void {
  app.addHook('onRoute', (route) => {
    const traffic = trafficOf([route.method].flat()[0] ?? 'GET', route.url)
    route.config = { ...route.config, traffic }
  })
  app.addHook('onRequest', (request, _reply, done) => {
    limits.check(request, request.routeOptions.config.traffic ?? unknownPathTraffic)
    done()
  })
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
