import type { Db } from '../db/database.ts'
import { listDueProviders } from './store.ts'

/** Providers whose catalog is to be read now. */
export async function listDueCatalogs (db: Db, now: Date): Promise<string[]> {
  return listDueProviders(db, now)
}
