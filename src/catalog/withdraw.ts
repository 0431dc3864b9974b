import type { Tx } from '../db/database.ts'
import { deleteCatalogState, lockPublication, raiseRevision, withdrawAll } from './store.ts'

/** Takes all that a provider published out of the catalog; the rows stay as tombstones. */
export async function withdrawCatalog (tx: Tx, providerId: string, now: Date): Promise<void> {
  await lockPublication(tx)
  await withdrawAll(tx, providerId, now)
  await deleteCatalogState(tx, providerId)
  await raiseRevision(tx, now)
}

/** A provider's state and the rules of access/ decide what is shown: the catalog is newer then, though no row of it changed. */
export async function markCatalogChanged (tx: Tx, now: Date): Promise<void> {
  await lockPublication(tx)
  await raiseRevision(tx, now)
}
