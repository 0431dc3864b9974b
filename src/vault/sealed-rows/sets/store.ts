// The sealed sets: what the MACs of each table's rows add up to.
import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'

/** What the MACs of a table's rows add up to after its last change. */
export interface SealedSet {
  readonly table: string
  /** Raised by each change. */
  readonly revision: bigint
  /** 32 bytes. */
  readonly digest: Buffer
  /** Of all of it. */
  readonly mac: Buffer
}

const columns = ['table_name as table', 'revision', 'digest', 'mac'] as const

function fromRow(row: Omit<SealedSet, 'revision'> & { readonly revision: string }): SealedSet {
  return { ...row, revision: BigInt(row.revision) }
}

/** All sealed sets, in the order of their tables' names. */
export async function selectSets(db: DbOrTx): Promise<SealedSet[]> {
  const rows = await db.selectFrom('sealed_sets').select(columns).orderBy('table_name').execute()
  return rows.map(fromRow)
}

/** The sets of these tables, locked in the order of their names to avoid deadlocks. */
export async function lockSets(tx: Tx, tables: readonly string[]): Promise<SealedSet[]> {
  const rows = await tx
    .selectFrom('sealed_sets')
    .select(columns)
    .where(sql<boolean>`table_name = any(${tables})`)
    .orderBy('table_name')
    .forUpdate()
    .execute()
  return rows.map(fromRow)
}

export async function upsertSet(
  tx: Tx,
  { table, revision, digest, mac }: SealedSet,
): Promise<void> {
  const values = { revision: String(revision), digest, mac }
  await tx
    .insertInto('sealed_sets')
    .values({ table_name: table, ...values })
    .onConflict((conflict) => conflict.column('table_name').doUpdateSet(values))
    .execute()
}
