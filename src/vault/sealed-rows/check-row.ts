import type { Tx } from '../../db/database.ts'
import { vaultOf, type Vault } from '../vault.ts'
import { integrityOf } from './integrity.ts'
import { checkTable, macOf } from './read-sealed.ts'
import { stateOf, weightOf, type ProtectedRow } from './row-mac.ts'
import { findRows, listMacs } from './rows/store.ts'
import { isOneChange, isSumOf } from './sealed-set.ts'
import { readSealing, type Sealing } from './sealing.ts'
import type { SealedTableName } from './tables.ts'

/** What the MACs say of one row and of its table. */
export interface RowCheck {
  /** Whether Kontor wrote the row as it is. */
  readonly isRight: boolean
  /** False: a row of the table is missing or set back, perhaps this one. */
  readonly isWhole: boolean
}

/**
 * Checks a row, and whether its table is whole. Reads the row only, so that it costs the same
 * however long the table is, while the table's set is the one of the last check that found it
 * whole, or differs from that by this row; else all MACs and the rows that changed; all rows when
 * something is wrong.
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
    set !== undefined && set.revision >= seen && known?.set.mac.equals(set.mac) === true
  if (isKnownSet && row !== undefined && known.macs.get(key) === row.mac?.toString('hex'))
    return { isRight, isWhole: true }
  if (failed === 'as_known' && integrity.notWhole.get(table) === macOf(set))
    return { isRight, isWhole: false }
  const isWhole =
    (isRight && hasOnlyChanged(vault, sealing, table, row, seen)) ||
    (await hasOnlyHonestChanges(tx, vault, sealing, table, seen)) ||
    (await checkTable(tx, vault, sealing, table, seen)).isWhole
  return { isRight, isWhole }
}

/** Whether only this row, which is right, has changed since the table was last found whole. */
function hasOnlyChanged(
  vault: Vault,
  { sets, isGenuine }: Sealing,
  table: SealedTableName,
  { key, mac }: ProtectedRow,
  seenRevision: bigint,
): boolean {
  const { whole, notWhole, revisions, failures } = integrityOf(vault)
  const [set, known] = [sets.get(table), whole.get(table)]
  if (known === undefined || notWhole.has(table) || failures.has(table)) return false
  if (set === undefined || !isGenuine(set) || set.revision < seenRevision || mac === null)
    return false
  const before = known.macs.get(key)
  const old = before === undefined ? 0n : weightOf(Buffer.from(before, 'hex'))
  if (!isOneChange(known.set, set, { old, fresh: weightOf(mac) })) return false
  if (set.revision > (revisions.get(table) ?? 0n)) revisions.set(table, set.revision)
  known.macs.set(key, mac.toString('hex'))
  whole.set(table, { set, macs: known.macs })
  return true
}

// With more of them it costs no more to check all rows.
const maxChanged = 100

/**
 * Checks only the rows whose MACs have changed since the table was last found whole: with many
 * providers, each registration would make every process read and check all rows.
 * @returns false when anything is wrong, or was before: then all rows tell more
 */
async function hasOnlyHonestChanges(
  tx: Tx,
  vault: Vault,
  { tableOf, sets, isGenuine }: Sealing,
  table: SealedTableName,
  seenRevision: bigint,
): Promise<boolean> {
  const { whole, notWhole, revisions, failures } = integrityOf(vault)
  const [set, known] = [sets.get(table), whole.get(table)]
  if (known === undefined || notWhole.has(table) || failures.has(table)) return false
  if (set === undefined || !isGenuine(set) || set.revision < seenRevision) return false
  const spec = tableOf(table)
  const rows: Array<{ key: string; mac: Buffer; hex: string }> = []
  for (const { key, mac } of await listMacs(tx, spec)) {
    if (mac === null) return false
    rows.push({ key, mac, hex: mac.toString('hex') })
  }
  const changed = rows.filter(({ key, hex }) => known.macs.get(key) !== hex)
  if (changed.length > maxChanged) return false
  const keys = changed.map(({ key }) => key)
  for (const row of await findRows(tx, spec, keys))
    if (stateOf(vault, spec, row) !== 'right') return false
  const weights = rows.map(({ mac }) => weightOf(mac))
  if (!isSumOf(set, weights)) return false
  if (set.revision > (revisions.get(table) ?? 0n)) revisions.set(table, set.revision)
  whole.set(table, { set, macs: new Map(rows.map(({ key, hex }) => [key, hex])) })
  return true
}
