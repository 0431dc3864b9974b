import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import {
  claimDue,
  insertMissingStates,
  leaseCatalog,
  setDue,
  setDueAfterInterval,
} from './schedule/store.ts'

// Longer than any reading: a provider's timeout is at most 55 s. After a crash another process
// reads the catalog when this time is over.
const leaseMs = 75_000

/**
 * Ids of providers whose catalog the caller must read now. No other process gets them while the
 * reading lasts.
 */
export async function claimDueCatalogs(db: Db, now: Date, limit: number): Promise<string[]> {
  await insertMissingStates(db, now)
  return claimDue(db, now, new Date(now.getTime() + leaseMs), limit)
}

/**
 * Claims a provider's catalog for the caller, who reads it when the transaction has committed; no
 * worker reads it meanwhile.
 */
export async function claimCatalog(tx: Tx, providerId: string, now: Date): Promise<void> {
  await leaseCatalog(tx, providerId, new Date(now.getTime() + leaseMs))
}

/** Lets any worker claim the catalog again, from then on. */
export async function makeCatalogDue(db: Db, providerId: string, at: Date): Promise<void> {
  await setDue(db, providerId, at)
}

/**
 * Has the catalog read again after the provider's `refreshSeconds`, as after a reading that failed;
 * for one that ended with an error of Kontor's own.
 */
export async function postponeCatalog(db: Db, providerId: string, now: Date): Promise<void> {
  await setDueAfterInterval(db, providerId, now)
}

/** Has a worker read the catalog as soon as the transaction commits. */
export async function requestRefresh(tx: Tx, providerId: string, now: Date): Promise<void> {
  await setDue(tx, providerId, now)
  await announce(tx, 'due')
}
