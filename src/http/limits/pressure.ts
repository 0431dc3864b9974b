// Not @fastify/under-pressure: it refuses all routes alike; it has one threshold without
// hysteresis, so it flaps; it measures the mean delay of the event loop over a second, which hides
// one long stop; and it does not know the pool of database connections, which is what Kontor runs
// out of first.
import type { Log } from '../../log.ts'
import type { PressureReason } from './refusals.ts'
import { createLevel, type Level } from './level.ts'
import { memoryGauge } from './memory.ts'

/** Whether this process has more to do than it can. */
export interface Pressure {
  /** The highest of all levels. */
  level(): Level
  /** Which figure has the highest level. */
  reason(): PressureReason
  levels(): ReadonlyArray<{ readonly reason: PressureReason; readonly level: Level }>
  /** How long a query waits for a connection at present. */
  databaseWaitMs(): number
  /**
   * Starts measuring. Call it after the start of the process, which blocks the event loop itself.
   */
  start(): void
  stop(): void
}

export interface PressureOptions {
  /** Each limit is the value from which Kontor takes no new orders; 0: no limit. */
  readonly maxLoopDelayMs: number
  readonly maxDatabaseWaitMs: number
  readonly maxMemoryPercent: number
  readonly databaseWaitMs: () => number
  readonly log: Log
}

const intervalMs = 250

export function createPressure(options: PressureOptions): Pressure {
  let dueMs = Infinity
  let waitMs = 0
  // As late as the timer is, a request that arrived meanwhile has waited at least.
  const loopDelayMs = (nowMs: number) => Math.max(0, nowMs - dueMs)
  const figures = [
    ...figure('event_loop', options.maxLoopDelayMs, loopDelayMs),
    ...figure('database', options.maxDatabaseWaitMs, () => waitMs),
    ...memoryFigure(options.maxMemoryPercent),
  ]
  let levels: ReadonlyArray<{ reason: PressureReason; level: Level }> = figures.map(
    ({ reason }) => ({ reason, level: 0 }),
  )
  let highest: { reason: PressureReason; level: Level } = { reason: 'event_loop', level: 0 }
  const measure = () => {
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
    dueMs = nowMs + intervalMs
  }
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      dueMs = performance.now() + intervalMs
      timer = setInterval(measure, intervalMs)
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

interface Figure {
  readonly reason: PressureReason
  readonly read: (nowMs: number) => number
  readonly judge: (value: number, nowMs: number) => Level
}

function figure(reason: PressureReason, limit: number, read: Figure['read']): Figure[] {
  if (limit === 0) return []
  const judge = createLevel({ strained: limit, overloaded: 3 * limit, release: 0.5 })
  return [{ reason, read, judge }]
}

function memoryFigure(maxPercent: number): Figure[] {
  if (maxPercent === 0) return []
  const judge = createLevel({
    strained: maxPercent,
    overloaded: (maxPercent + 100) / 2,
    release: 0.95,
  })
  return [{ reason: 'memory', read: memoryGauge(), judge }]
}
