import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Vault } from '../vault.ts'
import { integrityOf, noteCheck, type Integrity } from './integrity.ts'
import { readMarkWithSets, type Mark } from './mark.ts'
import { isGenuine } from './sealed-set.ts'
import type { SealedSet } from './sets/store.ts'
import {
  newestNames,
  sealedTable,
  sealedTableIn,
  tableOfName,
  type SealedTable,
  type SealedTableName,
} from './tables.ts'

/** Which tables are sealed, and how, at the moment of a statement or a snapshot. */
export interface Sealing {
  /** False: MACs of the table are neither made nor checked. */
  isSealed(table: string): boolean
  /** The table with the columns that are under the MACs of its rows. */
  tableOf(table: SealedTableName): SealedTable
  /** All tables with their columns, as the MACs of sets name them. */
  readonly names: readonly string[]
  readonly sets: ReadonlyMap<string, SealedSet>
  /** Whether Kontor made a set while these tables were sealed; it may be an old one. */
  isGenuine(set: SealedSet): boolean
  /** False: the mark is gone or changed although tables are sealed. */
  readonly isMarkRight: boolean
}

/**
 * Reads the mark and the sets. A mark that is gone, changed or older than this process has seen
 * opens nothing if a set is there, this process has seen a mark, or the format of the digest key
 * shows that there was one: SQL cannot change that back. It shows as a failure of `vault_marks`.
 * A table that the mark does not name is not sealed, unless something else speaks against the mark:
 * a set of that table, what this process has seen, or a set that was made under another mark.
 * @throws BrokerError `unavailable` while this process may lack a key that rows have MACs with
 */
export async function readSealing(db: DbOrTx, vault: Vault): Promise<Sealing> {
  if (!vault.isComplete())
    throw new BrokerError(
      'unavailable',
      'This Kontor process lacks a key that others use, so it cannot check rows. ' +
        'Try again shortly.',
      { retryAfterSeconds: 5 },
    )
  const integrity = integrityOf(vault)
  // Before the query: another check may see a later mark meanwhile.
  const { markedAt } = integrity
  const { mark: found, sets: stored } = await readMarkWithSets(db, vault)
  const sets = new Map(stored.map((set) => [set.table, set]))
  const mark = typeof found === 'object' && !isBefore(found, markedAt) ? found : undefined
  if (mark !== undefined) remember(integrity, mark)
  const mustBeMarked =
    markedAt !== undefined || sets.size > 0 || found !== 'none' || vault.isClosedToOldReleases()
  const isMarkRight = mark !== undefined || !mustBeMarked
  noteCheck(integrity, { table: 'vault_marks', damaged: [], isWhole: isMarkRight })
  const names = mark?.names ?? newestNames
  const isSetGenuine = (set: SealedSet | undefined) =>
    set !== undefined && isGenuine(vault, names, set)
  const tables = names.map(tableOfName)
  const isConsistent = tables.every((table) => isSetGenuine(sets.get(table)))
  return {
    isSealed: (table) =>
      mark === undefined
        ? mustBeMarked
        : !isConsistent || tables.includes(table) || sets.has(table) || integrity.sealed.has(table),
    // The mark may be an old one that names fewer columns.
    tableOf: (table) => (isConsistent && sealedTableIn(names, table)) || sealedTable(table),
    names,
    sets,
    isGenuine: isSetGenuine,
    isMarkRight,
  }
}

const isBefore = ({ since }: Mark, at: Date | undefined) => at !== undefined && since < at

function remember(integrity: Integrity, { since, names }: Mark): void {
  if (integrity.markedAt === undefined || since > integrity.markedAt) integrity.markedAt = since
  for (const name of names) integrity.sealed.add(tableOfName(name))
}
