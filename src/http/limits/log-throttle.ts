import type { Log } from '../../log.ts'

/** Tells the log of what comes in thousands: the first one of a kind at once, then how many once a minute. */
export interface LogThrottle {
  /** @param key  what belongs together; `fields` are those of the one that is told */
  tell(key: string, message: string, fields: Readonly<Record<string, unknown>>): void
}

const everyMs = 60_000
// Of different kinds a minute: beyond it the log would be what fills the disk. The figures count on.
const maxKeys = 100

export function createLogThrottle(log: Log): LogThrottle {
  const seen = new Map<string, { untilMs: number; since: number }>()
  return {
    tell(key, message, fields) {
      const nowMs = performance.now()
      const known = seen.get(key)
      if (known !== undefined && nowMs < known.untilMs) {
        known.since++
        return
      }
      if (known === undefined && seen.size >= maxKeys && !forgetOver(seen, nowMs)) return
      seen.set(key, { untilMs: nowMs + everyMs, since: 0 })
      log.warn(
        {
          ...fields,
          ...(known === undefined || known.since === 0 ? {} : { sinceLastLine: known.since + 1 }),
        },
        message,
      )
    },
  }
}

function forgetOver(seen: Map<string, { readonly untilMs: number }>, nowMs: number): boolean {
  for (const [key, { untilMs }] of seen) if (nowMs >= untilMs) seen.delete(key)
  return seen.size < maxKeys
}
