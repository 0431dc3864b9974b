import type { Db } from '../db/database.ts'
import { postUnposted } from './store.ts'

export { countUnposted } from './store.ts'

// A posting holds its connection for some 50 ms then.
const maxAtATime = 5_000

/**
 * Posts entries of the ledger. Accounts are exact without it; it keeps their sums short.
 * @returns whether more entries may be waiting
 */
export async function postEntries(db: Db): Promise<boolean> {
  return (await postUnposted(db, maxAtATime)) === maxAtATime
}
