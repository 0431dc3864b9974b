import type { Db } from '../db/database.ts'
import { claimDueProviders } from './store.ts'

/** Providers whose catalog the caller is to have read now; nobody else is told the same. */
export async function takeDueCatalogs(db: Db, now: Date): Promise<string[]> {
  return claimDueProviders(db, now)
}
