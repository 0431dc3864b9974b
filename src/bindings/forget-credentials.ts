import { setTimeout as wait } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { clearResults, hasResults } from './store.ts'

const atOnce = 500
const betweenMs = 100

/**
 * Drops the credentials of all bindings at a provider, in portions, so that no order waits for it. Whoever asks is answered
 * when they are gone; cut off in the middle it is simply asked for again.
 */
export async function forgetCredentials(db: Db, providerId: string): Promise<void> {
  // What an order had locked comes in the next round.
  while (await hasResults(db, providerId)) {
    if ((await clearResults(db, providerId, atOnce)) === 0) await wait(betweenMs)
  }
}
