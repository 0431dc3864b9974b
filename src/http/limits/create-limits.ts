import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import { addLimitMetrics, type LimitMetrics } from '../../telemetry/limit-metrics.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { createFailedSignIns, type FailedSignIns } from './failed-sign-ins.ts'
import { createLogThrottle } from './log-throttle.ts'
import { createPressure, type Pressure } from './pressure.ts'
import { createRequestLimits, type RequestLimits } from './request-limits.ts'

export interface LimitsDeps {
  readonly settings: Config['limits']
  readonly metrics: Metrics
  readonly log: Log
  /** How long a query waits for a connection at present. */
  readonly databaseWaitMs: () => number
}

/** The limits of one process, which all scopes share. */
export interface Limits {
  readonly pressure: Pressure
  readonly requestLimits: RequestLimits
  readonly failedSignIns: FailedSignIns
  readonly limitMetrics: LimitMetrics
}

export function createLimits({ settings, metrics, log, databaseWaitMs }: LimitsDeps): Limits {
  const pressure = createPressure({ ...settings, databaseWaitMs, log })
  const limitMetrics = addLimitMetrics(metrics.registry, () => pressure.levels())
  const shared = { metrics: limitMetrics, logThrottle: createLogThrottle(log) }
  return {
    pressure,
    limitMetrics,
    requestLimits: createRequestLimits({ ...shared, rates: settings.rates, pressure }),
    failedSignIns: createFailedSignIns({ ...shared, perMinute: settings.failedSignInsPerMinute }),
  }
}
