// Statements about the whole database that only a process with the key ring can make.
import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import type { SealedSet } from '../sets/store.ts'

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

/**
 * A mark with all sealed sets, in the order of their tables' names, as of one moment: the MACs of
 * the sets name what the mark names.
 */
export async function findMarkWithSets(
  db: DbOrTx,
  name: string,
): Promise<{ readonly mark: StoredMark | undefined; readonly sets: SealedSet[] }> {
  const { rows } = await sql<{
    since: Date | null
    names: string[] | null
    markMac: Buffer | null
    table: string | null
    revision: string
    digest: Buffer
    mac: Buffer
  }>`select marks.since, marks.tables as names, marks.mac as "markMac",
      sets.table_name as "table", sets.revision, sets.digest, sets.mac
    from (select) as one
    left join vault_marks as marks on marks.name = ${name}
    left join sealed_sets as sets on true
    order by sets.table_name`.execute(db)
  const { since = null, names = null, markMac: mac = null } = rows[0] ?? {}
  return {
    mark: since === null || names === null || mac === null ? undefined : { since, names, mac },
    // Without any set the join has one row of nulls.
    sets: rows.flatMap(({ table, revision, digest, mac: macOfSet }) =>
      table === null ? [] : [{ table, revision: BigInt(revision), digest, mac: macOfSet }],
    ),
  }
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
