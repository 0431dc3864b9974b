import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import { claimDue, insertMissingStates, setDue } from './store.ts'

// Longer than any reading: a provider's timeout is 55 s at most. A claim that is not renewed lasts so long, so that after a
// crash another process reads the catalog.
const leaseMs = 75_000

/** Ids of providers whose catalog the caller must read now; no other process gets the same for as long as a reading lasts. */
export async function claimDueCatalogs(db: Db, now: Date, limit: number): Promise<string[]> {
  await insertMissingStates(db, now)
  return claimDue(db, now, new Date(now.getTime() + leaseMs), limit)
}

/** Lets any process read the catalog at its next look. */
export async function makeCatalogDue(db: Db, providerId: string, now: Date): Promise<void> {
  await setDue(db, providerId, now)
}

/** Has a worker read the catalog as soon as the transaction commits. */
export async function requestRefresh(tx: Tx, providerId: string, now: Date): Promise<void> {
  await setDue(tx, providerId, now)
  await announce(tx, 'due')
}
