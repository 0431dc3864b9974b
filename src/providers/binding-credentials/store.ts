import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import { statement, type Statement } from '../../db/parts.ts'

export async function findStoresBindingCredentials(db: DbOrTx, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('providers')
    .select('store_binding_credentials')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.store_binding_credentials
}

/** A query for a statement that stores credentials; its row has the column `may_store`. */
export type MayStore = Statement

/** Locks the row against changes; several transactions may hold this lock at a time. */
export function lockStoresBindingCredentials(id: string): MayStore {
  return statement`select store_binding_credentials as may_store from providers where id = ${id}
    for key share`
}

/** Also of removed providers: the policy counts, not the state. */
export async function listDeletions(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('providers')
    .select('id')
    .where('deleting_binding_credentials_since', 'is not', null)
    .where('store_binding_credentials', '=', false)
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * Either lock keeps the policy from changing, and lets orders pass. `exclusive` is for one
 * transaction at a time.
 * @returns whether a deletion is under way
 */
export async function lockDeletion(
  tx: Tx,
  id: string,
  mode: 'shared' | 'exclusive',
): Promise<boolean> {
  const deletion = tx
    .selectFrom('providers')
    .select('id')
    .where('id', '=', id)
    .where('deleting_binding_credentials_since', 'is not', null)
    .where('store_binding_credentials', '=', false)
  const row = await (
    mode === 'shared' ? deletion.forKeyShare() : deletion.forNoKeyUpdate()
  ).executeTakeFirst()
  return row !== undefined
}

/** `revision` stays: nothing changed that a back end is opened with. */
export async function clearDeletion(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable('providers')
    .set({ deleting_binding_credentials_since: null })
    .where('id', '=', id)
    .execute()
}
