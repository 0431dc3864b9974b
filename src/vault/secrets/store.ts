import type { Db, DbOrTx } from '../../db/database.ts'

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
