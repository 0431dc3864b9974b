import type { Tx } from '../../db/database.ts'
import { vaultOf } from '../vault.ts'
import { integrityOf } from './integrity.ts'
import { checkTable, macOf } from './read-sealed.ts'
import { stateOf } from './row-mac.ts'
import { findRows } from './rows/store.ts'
import { readSealing } from './sealing.ts'
import type { SealedTableName } from './tables.ts'

/** What the MACs say of one row and of its table. */
export interface RowCheck {
  /** Whether Kontor wrote the row as it is. */
  readonly isRight: boolean
  /** False: a row of the table is missing or set back, perhaps this one. */
  readonly isWhole: boolean
}

/**
 * Checks a row, and whether its table is whole. Reads the row only while the table's set is the one
 * of the last check that found the table whole, so that it costs the same however long that is;
 * else all rows.
 * @param tx  a snapshot that begins with this check
 * @param failed  `as_known`: a table that was not whole is taken for not whole until its set
 *   changes or all of it is checked: a caller with many rows would read all rows for each
 */
export async function checkRow(
  tx: Tx,
  table: SealedTableName,
  key: string,
  failed: 'check_again' | 'as_known' = 'check_again',
): Promise<RowCheck> {
  const vault = vaultOf(tx)
  const integrity = integrityOf(vault)
  const seen = integrity.revisions.get(table) ?? 0n
  const sealing = await readSealing(tx, vault)
  if (!sealing.isSealed(table)) return { isRight: true, isWhole: true }
  const spec = sealing.tableOf(table)
  const [row] = await findRows(tx, spec, [key])
  const isRight = row !== undefined && stateOf(vault, spec, row) === 'right'
  const set = sealing.sets.get(table)
  const known = integrity.whole.get(table)
  const isKnownSet =
    set !== undefined && set.revision >= seen && known?.setMac.equals(set.mac) === true
  if (isKnownSet && row !== undefined && known.macs.get(key) === row.mac?.toString('hex'))
    return { isRight, isWhole: true }
  if (failed === 'as_known' && integrity.notWhole.get(table) === macOf(set))
    return { isRight, isWhole: false }
  const { isWhole } = await checkTable(tx, vault, sealing, table, seen)
  return { isRight, isWhole }
}
