import type { Db } from '../db/database.ts'
import { record } from './record.ts'

export interface RefusalDeps {
  readonly db: Db
  readonly now: () => Date
}

/** Keeps in the audit what somebody known tried and may not do, without letting anybody fill it. */
export interface Refusals {
  /**
   * @param by  who, as the audit names them
   * @param route  its method and its pattern, such as `POST /api/providers/:id/refresh`
   */
  note(by: string, route: string, path: string): Promise<void>
}

// One row for who and what in ten minutes, and no more than so many in that time altogether, per process.
const inDoubtMs = 600_000
const maxRows = 200

export function createRefusalRecorder({ db, now }: RefusalDeps): Refusals {
  // By who and what: how often it came since its row was written.
  let noted = new Map<string, { readonly at: number; times: number }>()
  return {
    async note(by, route, path) {
      const at = performance.now()
      const key = `${by} ${route}`
      const last = noted.get(key)
      if (last !== undefined && at - last.at < inDoubtMs) {
        last.times++
        return
      }
      if (noted.size >= maxRows)
        noted = new Map([...noted].filter(([, each]) => at - each.at < inDoubtMs))
      if (noted.size >= maxRows) return
      noted.set(key, { at, times: 0 })
      const before = last?.times ?? 0
      await record(db, {
        at: now(),
        actor: by,
        action: 'request.refused',
        objectKind: 'route',
        objectId: route,
        outcome: 'refused',
        details: { path, ...(before === 0 ? {} : { notedBefore: before }) },
      })
    },
  }
}
