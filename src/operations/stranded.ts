import type { Db } from '../db/database.ts'
import { listOverdue } from './store.ts'

// Whoever has the lease or the job gets a moment's start.
const graceMs = 2_000
const mostAtOnce = 200

/** Operations whose turn came and passed with nobody at work on them. */
export async function listStranded (db: Db, now: Date): Promise<string[]> {
  return listOverdue(db, new Date(now.getTime() - graceMs), mostAtOnce)
}
