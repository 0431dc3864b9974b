import type { DbOrTx, Tx } from '../db/database.ts'
import { findStoresBindingCredentials, lockStoresBindingCredentials } from './store.ts'

/** Whether the credentials of a provider's bindings are kept, or only given to the platform. */
export function storesBindingCredentials(db: DbOrTx, providerId: string): Promise<boolean> {
  return findStoresBindingCredentials(db, providerId)
}

/** The same, for whoever is about to write them: it cannot change before the end of the transaction. */
export function mayStoreBindingCredentials(tx: Tx, providerId: string): Promise<boolean> {
  return lockStoresBindingCredentials(tx, providerId)
}
