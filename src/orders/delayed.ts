import type { Db } from '../db/database.ts'
import { countDelayed, type DelayedOrders } from './claims/store.ts'

// Most are ordered at once, and repetitions begin after a second.
const lateMs = 300_000

/** How many orders should have been ordered, or their instances have ended, five minutes ago. */
export function delayedOrders(db: Db, now: Date): Promise<DelayedOrders> {
  return countDelayed(db, new Date(now.getTime() - lateMs))
}
