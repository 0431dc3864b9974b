import type { Tx } from '../db/database.ts'
import { findRevision } from './store.ts'
import {
  lockPublication,
  raiseRevision,
  setOpenByDefault,
  withdrawAll,
} from './publication/store.ts'
import { forgetQuarantine } from './quarantine/quarantine-doubtful.ts'
import { deleteCatalogState } from './readings/store.ts'

export { lockPublication } from './publication/store.ts'

/** Withdraws all offerings of a provider; the rows stay for their instances. */
export async function withdrawCatalog(tx: Tx, providerId: string, now: Date): Promise<void> {
  await lockPublication(tx)
  await withdrawAll(tx, providerId, now)
  await deleteCatalogState(tx, providerId)
  await forgetQuarantine(tx, providerId)
  await raiseRevision(tx, now)
}

/**
 * Raises the revision when a provider's state or a rule of access/ changes what platforms see,
 * though no row of the catalog changes.
 */
export async function markCatalogChanged(tx: Tx, now: Date): Promise<void> {
  await lockPublication(tx)
  await raiseRevision(tx, now)
}

/**
 * Stores whether plans that no rule names are shown.
 * @returns false when that was stored already
 */
export async function markDefault(tx: Tx, isOpen: boolean, now: Date): Promise<boolean> {
  await lockPublication(tx)
  if ((await findRevision(tx)).isOpen === isOpen) return false
  await setOpenByDefault(tx, isOpen)
  await raiseRevision(tx, now)
  return true
}
