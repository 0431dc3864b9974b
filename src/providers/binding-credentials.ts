import type { DbOrTx, Tx } from '../db/database.ts'
import {
  findStoresBindingCredentials,
  lockStoresBindingCredentials,
} from './binding-credentials/store.ts'

/** Whether Kontor stores the credentials of a provider's bindings, or only passes them through. */
export function storesBindingCredentials(db: DbOrTx, providerId: string): Promise<boolean> {
  return findStoresBindingCredentials(db, providerId)
}

/** The same, before storing them: the answer cannot change before the end of the transaction. */
export function mayStoreBindingCredentials(tx: Tx, providerId: string): Promise<boolean> {
  return lockStoresBindingCredentials(tx, providerId)
}
