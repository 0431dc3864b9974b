import type { DbOrTx, Tx } from '../../db/database.ts'

export async function findStoresBindingCredentials(db: DbOrTx, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('providers')
    .select('store_binding_credentials')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.store_binding_credentials
}

/** Locks the row against changes; several transactions may hold this lock at a time. */
export async function lockStoresBindingCredentials(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('providers')
    .select('store_binding_credentials')
    .where('id', '=', id)
    .forKeyShare()
    .executeTakeFirstOrThrow()
  return row.store_binding_credentials
}
