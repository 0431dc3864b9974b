import type { FastifyInstance } from 'fastify'
import { BrokerError } from '../../errors.ts'
import type { LimitMetrics, RefusalReason } from '../../telemetry/limit-metrics.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import type { LogThrottle } from './log-throttle.ts'
import type { Pressure } from './pressure.ts'
import { holderOf, type Traffic } from './traffic.ts'

export interface RefuseDeps {
  readonly rates: {
    /** A second, of one platform, person or address; 0: no limit. */
    readonly orders: number
    readonly requests: number
    readonly burstSeconds: number
  }
  readonly pressure: Pressure
  readonly metrics: LimitMetrics
  readonly logThrottle: LogThrottle
}

interface Limit {
  readonly rateLimit: RateLimit
  readonly reason: RefusalReason
  readonly what: string
}

// A poll or delete that is refused helps nobody: it comes again, and holds up what it would have ended.
const vitalShare = 4
// Long answers for people who look at them and machines that ask a few times a minute; nobody says who he is.
const openShare = 1 / 20

/**
 * Refuses what is too much, after the sign-in and before anything is read or written: an answer that an order was not
 * taken is then always true. Orders get 429, never 503: after a 5xx a platform deletes what it thinks may be there, so
 * that each refusal would make another request.
 */
export function refuseTooMuch(
  app: FastifyInstance,
  { rates, pressure, metrics, logThrottle }: RefuseDeps,
): void {
  const limits = limitsOf(rates)
  app.addHook('onRequest', (request, _reply, done) => {
    const traffic = request.routeOptions.config.traffic ?? 'read'
    const level = pressure.level()
    if (
      level > 0 &&
      (traffic === 'order' || (level === 2 && (traffic === 'read' || traffic === 'open')))
    ) {
      metrics.refused(pressure.reason())
      throw underPressure(traffic)
    }
    const limit = limits[traffic]
    if (limit !== undefined) {
      const holder = holderOf(request)
      const waitMs = limit.rateLimit.take(holder, performance.now())
      if (waitMs > 0) {
        metrics.refused(limit.reason)
        logThrottle.tell(`${limit.reason} ${holder}`, 'more requests than allowed', {
          reason: limit.reason,
          by: holder,
        })
        const seconds = Math.ceil(waitMs / 1_000)
        throw new BrokerError(
          'rate_limited',
          `Too many ${limit.what} in a short time. Nothing was done; try again in ${secondsInWords(seconds)}.`,
          { retryAfterSeconds: seconds },
        )
      }
    }
    done()
  })
}

function limitsOf({
  orders,
  requests,
  burstSeconds,
}: RefuseDeps['rates']): Partial<Record<Traffic, Limit>> {
  const limit = (perSecond: number, reason: RefusalReason, what: string): Limit | undefined =>
    perSecond === 0
      ? undefined
      : { rateLimit: createRateLimit({ perSecond, burstSeconds }), reason, what }
  const order = limit(orders, 'order_rate', 'orders')
  const request = limit(requests, 'request_rate', 'requests')
  const table: Record<Exclude<Traffic, 'health'>, Limit | undefined> = {
    // Of a platform and of a person, whose names never meet: the one has a UUID of ours.
    order,
    change: order,
    read: request,
    look: request,
    poll: limit(requests * vitalShare, 'poll_rate', 'polls'),
    // Of their own: a platform that polls much must still get rid of its orphans. Not without end: of what is not there one is two queries.
    delete: limit(requests * vitalShare, 'delete_rate', 'deletes'),
    open: limit(requests * openShare, 'request_rate', 'requests'),
    figures: limit(requests * openShare, 'request_rate', 'requests'),
  }
  return Object.fromEntries(Object.entries(table).filter(([, each]) => each !== undefined))
}

let turn = 0

function underPressure(traffic: Traffic): BrokerError {
  // Who was refused together does not come again together.
  const seconds = 2 + (turn++ % 9)
  return traffic === 'order'
    ? new BrokerError(
        'rate_limited',
        `Kontor has too much to do and takes no new orders at present. Nothing was done; try again in ${secondsInWords(seconds)}.`,
        { retryAfterSeconds: seconds },
      )
    : new BrokerError(
        'overloaded',
        `Kontor has too much to do at present. Try again in ${secondsInWords(seconds)}.`,
        { retryAfterSeconds: seconds },
      )
}

function secondsInWords(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}
