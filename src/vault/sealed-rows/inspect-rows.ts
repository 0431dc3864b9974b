import type { DbOrTx } from '../../db/database.ts'
import { vaultOf } from '../vault.ts'
import { stateOf } from './row-mac.ts'
import { findRows } from './rows/store.ts'
import { readSealing } from './sealing.ts'
import { nameWithColumns, sealedTable, type SealedTableName } from './tables.ts'

/** What the MACs of some rows say, without the rest of their table. */
export interface Inspection {
  readonly isSealed: boolean
  /** Primary keys of those rows that Kontor wrote as they are; all of them in an unsealed table. */
  readonly right: ReadonlySet<string>
  /** Of the table's set; 0 for one that Kontor did not make. */
  readonly revision: bigint
}

/** For single rows: `readSealed` checks whether none is missing. */
export async function inspectRows(
  db: DbOrTx,
  table: SealedTableName,
  keys: readonly string[],
): Promise<Inspection> {
  const vault = vaultOf(db)
  for (let spec = sealedTable(table); ;) {
    // Rows first: a set that is read later is as new as they are, or newer.
    const rows = await findRows(db, spec, keys)
    const { isSealed, tableOf, sets, isGenuine } = await readSealing(db, vault)
    const sealed = tableOf(table)
    if (nameWithColumns(sealed) !== nameWithColumns(spec)) {
      spec = sealed
      continue
    }
    const set = sets.get(table)
    const counts = rows.filter((row) => !isSealed(table) || stateOf(vault, spec, row) === 'right')
    return {
      isSealed: isSealed(table),
      right: new Set(counts.map(({ key }) => key)),
      revision: set !== undefined && isGenuine(set) ? set.revision : 0n,
    }
  }
}
