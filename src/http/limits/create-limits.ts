import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import { addLabelledGauge } from '../../telemetry/labelled-gauge.ts'
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
}

export function createLimits({ settings, metrics, log, databaseWaitMs }: LimitsDeps): Limits {
  const pressure = createPressure({ ...settings, databaseWaitMs, log })
  addLabelledGauge(
    metrics.registry,
    {
      name: 'kontor_pressure',
      help: 'Pressure on this process: 0 calm, 1 no new orders, 2 no reads either.',
      labelNames: ['reason'],
    },
    async () =>
      pressure.levels().map(({ reason, level }) => ({ labels: { reason }, value: level })),
  )
  const shared = { metrics, logThrottle: createLogThrottle(log) }
  return {
    pressure,
    requestLimits: createRequestLimits({ ...shared, rates: settings.rates, pressure }),
    failedSignIns: createFailedSignIns({ ...shared, perMinute: settings.failedSignInsPerMinute }),
  }
}
