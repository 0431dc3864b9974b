import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { NewOrphan } from './orphan.ts'
import { insertOrphan } from './store.ts'

// What modules above this one use.
export {
  countHinderingOrphans,
  countOpenOrphans,
  hastenOrphans,
  listBindingOrphans,
  releaseOrphans,
} from './store.ts'

/**
 * Records, in the transaction that ends an order, what that order may have left at its provider.
 * From `nextRetryAt` on, and once the order is over, Kontor removes it: it repeats the delete until
 * the provider says that it is gone.
 */
export async function recordOrphanRow(tx: Tx, orphan: NewOrphan, now: Date): Promise<void> {
  await insertOrphan(tx, newId(now), orphan, now)
}
