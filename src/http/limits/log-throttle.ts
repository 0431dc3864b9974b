import type { Log } from '../../log.ts'

/**
 * Logs events that may come in thousands: the first of a kind at once, then their number once a
 * minute.
 */
export interface LogThrottle {
  /**
   * @param kind  which events count as one kind; the line has the `fields` of the event that is
   * logged
   */
  warn(kind: string, message: string, fields: Readonly<Record<string, unknown>>): void
}

const intervalMs = 60_000
// Kinds per minute: without a limit the log could fill the disk. The metrics count all events.
const maxKinds = 100

export function createLogThrottle(log: Log): LogThrottle {
  const logged = new Map<string, { untilMs: number; suppressed: number }>()
  return {
    warn(kind, message, fields) {
      const nowMs = performance.now()
      const known = logged.get(kind)
      if (known !== undefined && nowMs < known.untilMs) {
        known.suppressed++
        return
      }
      if (known === undefined && logged.size >= maxKinds && !forgetExpired(logged, nowMs)) return
      logged.set(kind, { untilMs: nowMs + intervalMs, suppressed: 0 })
      log.warn(
        {
          ...fields,
          ...(known === undefined || known.suppressed === 0
            ? {}
            : { sinceLastLine: known.suppressed + 1 }),
        },
        message,
      )
    },
  }
}

function forgetExpired(logged: Map<string, { readonly untilMs: number }>, nowMs: number): boolean {
  for (const [kind, { untilMs }] of logged) if (nowMs >= untilMs) logged.delete(kind)
  return logged.size < maxKinds
}
