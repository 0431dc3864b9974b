// Deletes the stored credentials of a provider's bindings in short transactions, so that no order
// waits for long. The row of the provider says that a deletion is under way, so any process can go
// on with what another one left.
import type { Db } from '../db/database.ts'
import {
  endCredentialDeletion,
  isDeletingCredentials,
  lockCredentialDeletion,
} from '../providers/binding-credentials.ts'
import { areResultsLeft, clearResults } from './store.ts'

/** What became of one portion. */
export type Portion =
  /** More may be left, after the binding with the id `last`. */
  | { readonly kind: 'deleted'; readonly last: string }
  /** Nothing more after `after`; what is left stands before it or is locked by others. */
  | { readonly kind: 'locked' }
  /** Nothing is left, or the policy has changed back. */
  | { readonly kind: 'ended' }

// About 0.1 s: that long a change of the provider or an unbind may have to wait.
const portionSize = 1_000

/**
 * Deletes the next portion, in a transaction of its own, and ends the deletion when nothing is
 * left. Processes may work on one provider at the same time: each skips what another has locked.
 *
 * No bind that was under way when the policy changed leaves anything stored: it reads the policy
 * under a lock of the provider's row (`mayStoreBindingCredentials`). If it commits before the
 * change, every portion sees what it stored; if it commits afterwards, it stores nothing.
 * @param after  the `last` of the portion before; undefined: from the first binding
 * @throws the driver's error
 */
export async function deleteCredentials(
  db: Db,
  providerId: string,
  after: string | undefined,
): Promise<Portion> {
  const portion = await db.transaction().execute(async (tx): Promise<Portion> => {
    // Until the end of the transaction the policy cannot change back, or the portion would delete
    // what a bind has stored since.
    if (!(await isDeletingCredentials(tx, providerId))) return { kind: 'ended' }
    const last = await clearResults(tx, providerId, after, portionSize)
    return last === undefined ? { kind: 'locked' } : { kind: 'deleted', last }
  })
  return portion.kind === 'locked' ? endIfNoneLeft(db, providerId) : portion
}

/**
 * Deletes portions until nothing is left that is not locked, or `stop` aborts; a portion that has
 * begun is completed.
 * @throws the driver's error
 */
export async function deleteCredentialsUntil(
  db: Db,
  providerId: string,
  stop: AbortSignal,
): Promise<void> {
  let after: string | undefined
  do {
    const portion = await deleteCredentials(db, providerId, after)
    if (portion.kind !== 'deleted') return
    after = portion.last
  } while (!stop.aborted)
}

function endIfNoneLeft(db: Db, providerId: string): Promise<Portion> {
  return db.transaction().execute(async (tx) => {
    if (!(await lockCredentialDeletion(tx, providerId))) return { kind: 'ended' }
    if (await areResultsLeft(tx, providerId)) return { kind: 'locked' }
    await endCredentialDeletion(tx, providerId)
    return { kind: 'ended' }
  })
}
