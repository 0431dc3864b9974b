import type { Tx } from '../db/database.ts'
import { writePart, type Part } from '../db/parts.ts'
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
 * Records, in the statement that ends an order, what that order may have left at its provider. From
 * `nextRetryAt` on, and once the order is over, Kontor removes it: it repeats the delete until the
 * provider says that it is gone.
 */
export function orphanRow(orphan: NewOrphan, now: Date): Part {
  return insertOrphan(newId(now), orphan, now)
}

/** The same in a statement of its own. */
export async function recordOrphanRow(tx: Tx, orphan: NewOrphan, now: Date): Promise<void> {
  await writePart(tx, orphanRow(orphan, now))
}
