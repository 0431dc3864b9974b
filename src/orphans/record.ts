import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { NewOrphan } from './orphan.ts'
import { insertOrphan } from './store.ts'

// The way into this room for those above it.
export {
  countHinderingOrphans,
  countOpenOrphans,
  hastenOrphans,
  listBindingOrphans,
  releaseOrphans,
} from './store.ts'

/**
 * Writes down, in the transaction that ends an order, what that order may have left at its provider. It is removed when
 * `nextRetryAt` has come and the order is over, again and again until the provider says that it is gone.
 */
export async function recordOrphanRow(tx: Tx, orphan: NewOrphan, now: Date): Promise<void> {
  await insertOrphan(tx, newId(now), orphan, now)
}
