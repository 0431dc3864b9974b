// The mark that ends the acceptance of rows without a MAC, and names the columns under the MACs.
import type { DbOrTx, Tx } from '../../db/database.ts'
import { findMark, upsertMark, type StoredMark } from './marks/store.ts'
import type { Macs } from '../mac.ts'
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

/** @returns `wrong` for a mark that Kontor did not set */
export async function readMark(db: DbOrTx, macs: Macs): Promise<Mark | 'none' | 'wrong'> {
  const mark = await findMark(db, name)
  if (mark === undefined) return 'none'
  return isRight(macs, mark) ? mark : 'wrong'
}

function isRight(macs: Macs, mark: StoredMark): boolean {
  return macs.verifyMac(mark.mac, valueOf(mark), context)
}

/** The tables that are sealed, with their columns; those of this release without a right mark. */
export async function readNames(db: DbOrTx, macs: Macs): Promise<readonly string[]> {
  const mark = await readMark(db, macs)
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
