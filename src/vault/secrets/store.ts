import type { DbOrTx, Tx } from '../../db/database.ts'
import type { VersionedValue } from '../seal.ts'

/**
 * Keeps an existing secret of that name unchanged.
 * @returns false when there is one
 */
export async function insertSecret(
  tx: Tx,
  name: string,
  { sealed, version }: VersionedValue,
): Promise<boolean> {
  const row = await tx
    .insertInto('vault_secrets')
    .values({ name, sealed, version })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst()
  return row !== undefined
}

export async function listSecrets(
  db: DbOrTx,
): Promise<Array<VersionedValue & { readonly name: string }>> {
  return db.selectFrom('vault_secrets').select(['name', 'sealed', 'version']).execute()
}

/** Keeps the value and changes how it is sealed. */
export async function replaceSecret(
  tx: Tx,
  name: string,
  { sealed, version }: VersionedValue,
): Promise<void> {
  await tx.updateTable('vault_secrets').set({ sealed, version }).where('name', '=', name).execute()
}

/** Until the transaction ends, no other transaction replaces it. */
export async function lockSecret(tx: Tx, name: string): Promise<VersionedValue | undefined> {
  return tx
    .selectFrom('vault_secrets')
    .select(['sealed', 'version'])
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
}
