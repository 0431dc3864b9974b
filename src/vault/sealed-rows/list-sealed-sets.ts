import type { DbOrTx } from '../../db/database.ts'
import type { Macs } from '../mac.ts'
import { namesOf, readMarkWithSets } from './mark.ts'
import { isGenuine } from './sealed-set.ts'
import { selectSets, type SealedSet } from './sets/store.ts'

export type { SealedSet }

/**
 * The sealed set of each table, in the order of the tables' names; empty until the rows are sealed.
 * None of them is checked here.
 */
export async function listSealedSets(db: DbOrTx): Promise<SealedSet[]> {
  return selectSets(db)
}

/** Those of them that Kontor made; they may be old. */
export async function listGenuineSets(db: DbOrTx, macs: Macs): Promise<SealedSet[]> {
  const { mark, sets } = await readMarkWithSets(db, macs)
  const names = namesOf(mark)
  return sets.filter((set) => isGenuine(macs, names, set))
}
