import type { Db } from '../db/database.ts'
import { record } from './record.ts'

export interface RefusalDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Records requests that an authenticated caller has no permission for. The number of events is
 * limited, so that no caller can fill the audit log.
 */
export interface Refusals {
  /**
   * @param route  method and pattern, such as `POST /api/providers/:id/refresh`
   */
  note(actor: string, route: string, path: string): Promise<void>
}

// In ten minutes one event for an actor and route, and no more than 200 in all, per process.
const windowMs = 600_000
const maxEvents = 200

export function createRefusalRecorder({ db, now }: RefusalDeps): Refusals {
  // By actor and route: how many requests came since the event was written.
  let recent = new Map<string, { readonly at: number; repeats: number }>()
  return {
    async note(actor, route, path) {
      const at = performance.now()
      const key = `${actor} ${route}`
      const last = recent.get(key)
      if (last !== undefined && at - last.at < windowMs) {
        last.repeats++
        return
      }
      if (recent.size >= maxEvents)
        recent = new Map([...recent].filter(([, each]) => at - each.at < windowMs))
      if (recent.size >= maxEvents) return
      recent.set(key, { at, repeats: 0 })
      const notedBefore = last?.repeats ?? 0
      await record(db, {
        at: now(),
        actor,
        action: 'request.refused',
        objectKind: 'route',
        objectId: route,
        outcome: 'refused',
        details: { path, ...(notedBefore === 0 ? {} : { notedBefore }) },
      })
    },
  }
}
