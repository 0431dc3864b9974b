// Whether this process has more to do than it can. Not @fastify/under-pressure: that refuses every route alike and has
// one threshold without a way back, so it flaps; it takes the mean delay of the loop over a second, in which one long
// stop disappears; and it knows nothing of the pool, which is what Kontor runs out of first.
import type { Log } from '../../log.ts'
import type { PressureReason } from '../../telemetry/limit-metrics.ts'
import { createLevel, type Level } from './level.ts'
import { memoryGauge } from './memory.ts'

export interface Pressure {
  /** The highest of all, and what it comes from. */
  level(): Level
  reason(): PressureReason
  levels(): ReadonlyArray<{ readonly reason: PressureReason; readonly level: Level }>
  /** How long a query waits for a connection at present. */
  databaseWaitMs(): number
  /** Begins to look; not while the process still starts, which holds everything up. */
  start(): void
  stop(): void
}

export interface PressureOptions {
  /** Each limit is where no new orders are taken any more; 0: none. */
  readonly maxLoopDelayMs: number
  readonly maxDatabaseWaitMs: number
  readonly maxMemoryPercent: number
  readonly databaseWaitMs: () => number
  readonly log: Log
}

const everyMs = 250

export function createPressure(options: PressureOptions): Pressure {
  let dueMs = Infinity
  let waitMs = 0
  // A timer that comes late is what a request that came in meanwhile has waited at least.
  const loopDelayMs = (nowMs: number) => Math.max(0, nowMs - dueMs)
  const figures = [
    ...figure('event_loop', options.maxLoopDelayMs, loopDelayMs),
    ...figure('database', options.maxDatabaseWaitMs, () => waitMs),
    ...(options.maxMemoryPercent === 0
      ? []
      : [
          {
            reason: 'memory' as const,
            read: memoryGauge(),
            judge: createLevel({
              strained: options.maxMemoryPercent,
              overloaded: (options.maxMemoryPercent + 100) / 2,
              release: 0.95,
            }),
          },
        ]),
  ]
  let levels: ReadonlyArray<{ reason: PressureReason; level: Level }> = figures.map(
    ({ reason }) => ({ reason, level: 0 }),
  )
  let highest: { reason: PressureReason; level: Level } = { reason: 'event_loop', level: 0 }
  const look = () => {
    const nowMs = performance.now()
    waitMs = options.databaseWaitMs()
    levels = figures.map(({ reason, read, judge }) => ({
      reason,
      level: judge(read(nowMs), nowMs),
    }))
    const before = highest
    highest = levels.reduce((high, each) => (each.level > high.level ? each : high), {
      reason: before.reason,
      level: 0,
    })
    if (before.level !== highest.level)
      options.log.warn(
        // Not `level`: pino writes the log level under that name.
        { reason: highest.reason, pressure: highest.level },
        highest.level === 0 ? 'the pressure is over' : 'kontor is under pressure',
      )
    dueMs = nowMs + everyMs
  }
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      dueMs = performance.now() + everyMs
      timer = setInterval(look, everyMs)
      timer.unref()
    },
    level: () => highest.level,
    reason: () => highest.reason,
    levels: () => levels,
    databaseWaitMs: () => waitMs,
    stop() {
      clearInterval(timer)
    },
  }
}

function figure(reason: PressureReason, limit: number, read: (nowMs: number) => number) {
  return limit === 0
    ? []
    : [
        {
          reason,
          read,
          judge: createLevel({ strained: limit, overloaded: 3 * limit, release: 0.5 }),
        },
      ]
}
