import type { Db, DbOrTx, Tx } from '../db/database.ts'
import {
  clearDeletion,
  findStoresBindingCredentials,
  listDeletions,
  lockDeletion,
  lockStoresBindingCredentials,
} from './binding-credentials/store.ts'

/** Whether Kontor stores the credentials of a provider's bindings, or only passes them through. */
export function storesBindingCredentials(db: DbOrTx, providerId: string): Promise<boolean> {
  return findStoresBindingCredentials(db, providerId)
}

/**
 * The same, as a query for the statement that stores them: the answer cannot change before the end
 * of the transaction.
 */
export { lockStoresBindingCredentials as mayStoreBindingCredentials }
export type { MayStore } from './binding-credentials/store.ts'

/** Ids of the providers whose bindings may still have stored credentials that must be deleted. */
export function listCredentialDeletions(db: Db): Promise<string[]> {
  return listDeletions(db)
}

/**
 * Whether they are being deleted: the answer cannot become false before the end of the transaction,
 * unless another one finds that none is left. Orders do not wait for it.
 */
export function isDeletingCredentials(tx: Tx, providerId: string): Promise<boolean> {
  return lockDeletion(tx, providerId, 'shared')
}

/** The same, before ending the deletion: no other transaction ends it, and the policy stays. */
export function lockCredentialDeletion(tx: Tx, providerId: string): Promise<boolean> {
  return lockDeletion(tx, providerId, 'exclusive')
}

/** Nothing is left to delete. */
export function endCredentialDeletion(tx: Tx, providerId: string): Promise<void> {
  return clearDeletion(tx, providerId)
}
