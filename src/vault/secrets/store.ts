import type { Db, DbOrTx, Tx } from '../../db/database.ts'

/** Keeps an existing secret of that name unchanged. */
export async function insertSecret(db: Db, name: string, sealed: Buffer): Promise<void> {
  await db
    .insertInto('vault_secrets')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findSecret(db: DbOrTx, name: string): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('vault_secrets')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.sealed
}

/** Keeps the value and changes how it is sealed. */
export async function replaceSecret(tx: Tx, name: string, sealed: Buffer): Promise<void> {
  await tx.updateTable('vault_secrets').set({ sealed }).where('name', '=', name).execute()
}

/** Until the transaction ends, no other transaction replaces it. */
export async function lockSecret(tx: Tx, name: string): Promise<Buffer | undefined> {
  const row = await tx
    .selectFrom('vault_secrets')
    .select('sealed')
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
  return row?.sealed
}
