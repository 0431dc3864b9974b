import type { DbOrTx } from '../../db/database.ts'
import { selectSets, type SealedSet } from './sets/store.ts'

export type { SealedSet }

/**
 * The sealed set of each table, in the order of the tables' names; empty until the rows are sealed.
 * None of them is checked here.
 */
export async function listSealedSets(db: DbOrTx): Promise<SealedSet[]> {
  return selectSets(db)
}
