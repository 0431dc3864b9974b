import type { Tx } from '../db/database.ts'
import {
  deleteCatalogState,
  findRevision,
  lockPublication,
  raiseRevision,
  setOpenByDefault,
  withdrawAll,
} from './store.ts'

export { lockPublication } from './store.ts'

/** Takes all that a provider published out of the catalog; the rows stay as tombstones. */
export async function withdrawCatalog(tx: Tx, providerId: string, now: Date): Promise<void> {
  await lockPublication(tx)
  await withdrawAll(tx, providerId, now)
  await deleteCatalogState(tx, providerId)
  await raiseRevision(tx, now)
}

/** A provider's state and the rules of access/ decide what is shown: the catalog is newer then, though no row of it changed. */
export async function markCatalogChanged(tx: Tx, now: Date): Promise<void> {
  await lockPublication(tx)
  await raiseRevision(tx, now)
}

/**
 * Says whether those who serve show what no rule names.
 * @returns false when that is known already
 */
export async function markDefault(tx: Tx, isOpen: boolean, now: Date): Promise<boolean> {
  await lockPublication(tx)
  if ((await findRevision(tx)).isOpen === isOpen) return false
  await setOpenByDefault(tx, isOpen)
  await raiseRevision(tx, now)
  return true
}
