// The mark that ends the acceptance of rows without a MAC, and names the columns under the MACs.
import type { DbOrTx, Tx } from '../../db/database.ts'
import { findMark, findMarkWithSets, upsertMark, type StoredMark } from './marks/store.ts'
import type { Macs } from '../mac.ts'
import type { SealedSet } from './sets/store.ts'
import { newestNames } from './tables.ts'

/** That the rows of these tables count only with a MAC over these columns. */
export interface Mark {
  /** When it was set; each later one has a later time. */
  readonly since: Date
  /** Tables with their columns, as `nameWithColumns` has them. */
  readonly names: readonly string[]
}

const name = 'rows-sealed'
const context = ['mark', name]
const valueOf = ({ since, names }: Mark) => [since.toISOString(), ...names]

/** The mark with all sealed sets as of one moment. `wrong`: a mark that Kontor did not set. */
export async function readMarkWithSets(
  db: DbOrTx,
  macs: Macs,
): Promise<{ readonly mark: Mark | 'none' | 'wrong'; readonly sets: readonly SealedSet[] }> {
  const { mark, sets } = await findMarkWithSets(db, name)
  return { mark: checked(macs, mark), sets }
}

function checked(macs: Macs, mark: StoredMark | undefined): Mark | 'none' | 'wrong' {
  if (mark === undefined) return 'none'
  return isRight(macs, mark) ? mark : 'wrong'
}

function isRight(macs: Macs, mark: StoredMark): boolean {
  return macs.verifyMac(mark.mac, valueOf(mark), context)
}

/** The tables that are sealed, with their columns; those of this release without a right mark. */
export async function readNames(db: DbOrTx, macs: Macs): Promise<readonly string[]> {
  return namesOf(checked(macs, await findMark(db, name)))
}

export function namesOf(mark: Mark | 'none' | 'wrong'): readonly string[] {
  return typeof mark === 'object' ? mark.names : newestNames
}

/**
 * Makes the mark's MAC anew unless it begins with `prefix`.
 * @returns the mark's old MAC: `undefined` when there was nothing to do
 */
export async function remakeMark(
  tx: Tx,
  macs: Macs,
  prefix: Buffer,
): Promise<{ readonly mac: Buffer; readonly isRight: boolean } | undefined> {
  const mark = await findMark(tx, name)
  if (mark === undefined || mark.mac.subarray(0, prefix.length).equals(prefix)) return undefined
  const right = isRight(macs, mark)
  if (right) await setMark(tx, macs, mark)
  return { mac: mark.mac, isRight: right }
}

export async function setMark(tx: Tx, macs: Macs, mark: Mark): Promise<void> {
  await upsertMark(tx, name, { ...mark, mac: macs.mac(valueOf(mark), context) })
}
