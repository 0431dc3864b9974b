// Statements about the whole database that only a process with the key ring can make.
import type { DbOrTx, Tx } from '../../../db/database.ts'

export interface StoredMark {
  readonly since: Date
  readonly names: readonly string[]
  readonly mac: Buffer
}

export async function findMark(db: DbOrTx, name: string): Promise<StoredMark | undefined> {
  return db
    .selectFrom('vault_marks')
    .select(['since', 'tables as names', 'mac'])
    .where('name', '=', name)
    .executeTakeFirst()
}

export async function upsertMark(
  tx: Tx,
  name: string,
  { since, names, mac }: StoredMark,
): Promise<void> {
  const values = { since, tables: [...names], mac }
  await tx
    .insertInto('vault_marks')
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute()
}
