import type { Db } from '../db/database.ts'
import { record } from './record.ts'

export interface RefusalDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Somebody known tried what they may not do.
 * @param by  who, as the audit names them
 * @param route  its method and its pattern, such as `POST /api/providers/:id/refresh`
 */
export async function recordRefusal ({ db, now }: RefusalDeps, by: string, route: string, path: string): Promise<void> {
  await record(db, { at: now(), actor: by, action: 'call', objectKind: 'route', objectId: route, outcome: 'refused', details: { path } })
}
