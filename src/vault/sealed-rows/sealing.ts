import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Vault } from '../vault.ts'
import { integrityOf, noteCheck } from './integrity.ts'
import { readMark } from './mark.ts'
import { selectSets, type SealedSet } from './sets/store.ts'

/** Which tables are sealed at the moment of a statement or a snapshot. */
export interface Sealing {
  /** False: MACs of the table are neither made nor checked. */
  isSealed(table: string): boolean
  readonly sets: ReadonlyMap<string, SealedSet>
  /** False: the mark is gone or changed although tables are sealed. */
  readonly isMarkRight: boolean
}

/**
 * Reads the mark and the sets. A mark that is gone or changed opens nothing if a set is there, this
 * process has seen the mark, or the format of the digest key shows that there was one: SQL cannot
 * change that back. It shows as a failure of `vault_marks`.
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
  const mark = await readMark(db, vault)
  const sets = new Map((await selectSets(db)).map((set) => [set.table, set]))
  const isMarked = typeof mark === 'object'
  if (isMarked) integrity.isMarked = true
  const mustBeMarked =
    integrity.isMarked || sets.size > 0 || mark === 'wrong' || vault.isClosedToOldReleases()
  const isMarkRight = isMarked || !mustBeMarked
  noteCheck(integrity, { table: 'vault_marks', damaged: [], isWhole: isMarkRight })
  return {
    isSealed: (table) => (isMarked ? mark.tables.includes(table) || sets.has(table) : mustBeMarked),
    sets,
    isMarkRight,
  }
}
