// The sealed sets: what the MACs of each table's rows add up to.
import type { DbOrTx } from '../../../db/database.ts'

/** What the MACs of a table's rows add up to after its last change. */
export interface SealedSet {
  readonly table: string
  /** Raised by each change; a decimal, for it may exceed what a number represents exactly. */
  readonly revision: bigint
  /** 32 bytes. */
  readonly digest: Buffer
  /** Of all of it. */
  readonly mac: Buffer
}

/** All sealed sets, in the order of their tables' names. */
export async function selectSets(db: DbOrTx): Promise<SealedSet[]> {
  const rows = await db
    .selectFrom('sealed_sets')
    .select(['table_name as table', 'revision', 'digest', 'mac'])
    .orderBy('table_name')
    .execute()
  return rows.map((row) => ({ ...row, revision: BigInt(row.revision) }))
}
