import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { vaultOf, type Vault } from '../vault.ts'
import { integrityOf } from './integrity.ts'
import { checkTable } from './read-sealed.ts'
import { sealRow, stateOf, weightOf, type ProtectedRow } from './row-mac.ts'
import { listRows, lockRows, updateMacs, type RowFilter } from './rows/store.ts'
import { sealSet, sumOf } from './sealed-set.ts'
import { readSealing, type Sealing } from './sealing.ts'
import { lockSets, upsertSet } from './sets/store.ts'
import { nameWithColumns, sealedTable, type SealedTable, type SealedTableName } from './tables.ts'

/**
 * Carries out a write of a protected table, and gives the rows that it wrote their MACs. If it
 * changed any, it locks the table's sealed set until the transaction ends; a transaction that
 * writes several tables does so in the order of their names, or locks the sets first
 * (`lockSealedSets`).
 * @param filter  names all rows that `write` inserts, changes or deletes, before and after it
 * @param effect  `restricts`: what it takes away, caches take from right rows even while the table
 *   is not whole
 * @throws BrokerError `conflict` for a row or a set that was changed past Kontor, which must not
 *   get a new MAC before an operator has looked at it. Such a row can be deleted. Also when this
 *   process has noticed that the table is not whole, unless the write restricts: it would say that
 *   something was done which no process takes into account
 */
export async function writeSealed<Result>(
  tx: Tx,
  table: SealedTableName,
  filter: RowFilter,
  write: () => Promise<Result>,
  effect: 'restricts' | 'changes' = 'changes',
): Promise<Result> {
  const { rows, sealing, spec } = await lockChecked(tx, table, filter)
  const before = new Map(rows.map((row) => [row.key, row]))
  const vault = vaultOf(tx)
  if (!sealing.isSealed(table)) return write()
  if (effect === 'changes') await assertWhole(tx, vault, sealing, table)
  const result = await write()
  const after = await lockRows(tx, spec, filter)
  const fresh = after.flatMap((row) => remade(vault, spec, before.get(row.key), row))
  await updateMacs(tx, spec, fresh)
  const removed = [...before.values()].filter((row) => after.every(({ key }) => key !== row.key))
  if (fresh.length === 0 && removed.length === 0) return result
  const replaced = [...removed, ...fresh.flatMap(({ key }) => before.get(key) ?? [])]
  // An altered row counts in the sum: its MAC is one that Kontor made for it.
  const counted = replaced.filter((row) => stateOf(vault, spec, row) !== 'unsealed')
  await moveSet(tx, vault, sealing, table, sumOfWeights(fresh) - sumOfWeights(counted))
  return result
}

// Reads the table again only if it was not whole: a write of another table must cost the same.
async function assertWhole(
  tx: Tx,
  vault: Vault,
  sealing: Sealing,
  table: SealedTableName,
): Promise<void> {
  const { failures, revisions } = integrityOf(vault)
  if (failures.get(table)?.isWhole !== false) return
  const { isWhole } = await checkTable(tx, vault, sealing, table, revisions.get(table) ?? 0n)
  if (!isWhole) throw changedPast(table, 'a row is missing or was set back')
}

/** Rows, and how they are sealed. */
interface Checkable {
  readonly rows: readonly ProtectedRow[]
  readonly sealing: Sealing
  readonly spec: SealedTable
}

async function listChecked(tx: Tx, table: SealedTableName): Promise<Checkable> {
  const sealing = await readSealing(tx, vaultOf(tx))
  const spec = sealing.tableOf(table)
  return { rows: await listRows(tx, spec), sealing, spec }
}

async function lockChecked(tx: Tx, table: SealedTableName, filter: RowFilter): Promise<Checkable> {
  const newest = sealedTable(table)
  // Locked first: sealing all rows waits for this transaction, or this one for it.
  const rows = await lockRows(tx, newest, filter)
  const sealing = await readSealing(tx, vaultOf(tx))
  const spec = sealing.tableOf(table)
  const isNewest = nameWithColumns(spec) === nameWithColumns(newest)
  return { rows: isNewest ? rows : await lockRows(tx, spec, filter), sealing, spec }
}

/**
 * Checks rows on which the caller decides what to grant. Else SQL could change a row for a moment,
 * and what is granted meanwhile would have a MAC of its own.
 * @param filter  names the rows, which are locked until the transaction ends; undefined: all of a
 *   table that the caller has locked
 * @throws BrokerError `conflict` for a row that was changed past Kontor
 */
export async function assertUnchanged(
  tx: Tx,
  table: SealedTableName,
  filter?: RowFilter,
): Promise<void> {
  const { rows, sealing, spec } =
    filter === undefined ? await listChecked(tx, table) : await lockChecked(tx, table, filter)
  if (!sealing.isSealed(table)) return
  const vault = vaultOf(tx)
  for (const row of rows)
    if (!isRight(vault, spec, row)) throw changedPast(table, `its row ${row.key}`)
}

/** Locks the sealed sets of tables that a transaction will write in another order than by name. */
export async function lockSealedSets(tx: Tx, ...tables: SealedTableName[]): Promise<void> {
  await lockSets(tx, tables)
}

/** The new MAC of a row that was written; none for one that was not. */
function remade(
  vault: Vault,
  table: SealedTable,
  before: ProtectedRow | undefined,
  row: ProtectedRow,
): Array<{ readonly key: string; readonly mac: Buffer }> {
  if (before === undefined)
    // With a MAC, it is the row of another transaction that has ended meanwhile.
    return row.mac === null ? [{ key: row.key, mac: sealRow(vault, table, row) }] : []
  if (!isRight(vault, table, before)) throw changedPast(table.table, `its row ${row.key}`)
  return isRight(vault, table, row) ? [] : [{ key: row.key, mac: sealRow(vault, table, row) }]
}

function isRight(vault: Vault, table: SealedTable, row: ProtectedRow): boolean {
  return stateOf(vault, table, row) === 'right'
}

function sumOfWeights(rows: ReadonlyArray<{ readonly mac: Buffer | null }>): bigint {
  let sum = 0n
  for (const { mac } of rows) if (mac !== null) sum += weightOf(mac)
  return sum
}

async function moveSet(
  tx: Tx,
  vault: Vault,
  { names, isGenuine }: Sealing,
  table: SealedTableName,
  change: bigint,
): Promise<void> {
  const [set] = await lockSets(tx, [table])
  const seen = integrityOf(vault).revisions.get(table) ?? 0n
  if (set === undefined || !isGenuine(set) || set.revision < seen)
    throw changedPast(table, 'its sealed set')
  await upsertSet(tx, sealSet(vault, names, table, set.revision + 1n, sumOf(set) + change))
}

function changedPast(table: string, what: string): BrokerError {
  return new BrokerError(
    'conflict',
    `The table ${table} was changed past Kontor (${what}), so Kontor does not change it either. ` +
      `An operator must look at it and then run "kontor key reseal ${table}".`,
  )
}
