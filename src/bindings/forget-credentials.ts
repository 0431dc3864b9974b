import type { Tx } from '../db/database.ts'
import { clearResults } from './store.ts'

// One statement must end within the driver's time limit, however many bindings there are.
const batchSize = 5_000

/**
 * Deletes the stored credentials of all bindings at a provider. The transaction must hold the lock
 * of the provider's row (providers/change.ts): a bind that settles waits for it, so that none is
 * stored after its batch.
 */
export async function forgetCredentials(tx: Tx, providerId: string): Promise<void> {
  let last: string | undefined
  do {
    last = await clearResults(tx, providerId, last, batchSize)
  } while (last !== undefined)
}
