import { setImmediate as pause } from 'node:timers/promises'
import type { Db, Tx } from '../../db/database.ts'
import { vaultOf, type Vault } from '../vault.ts'
import { integrityOf, noteCheck } from './integrity.ts'
import { stateOf, weightOf } from './row-mac.ts'
import { listRows } from './rows/store.ts'
import { isSumOf } from './sealed-set.ts'
import { readSealing, type Sealing } from './sealing.ts'
import type { SealedSet } from './sets/store.ts'
import type { SealedTableName } from './tables.ts'

/** What the MACs say of a table. */
export interface TableCheck {
  /** Primary keys of rows that must not count: Kontor did not write them as they are. */
  readonly damaged: ReadonlySet<string>
  /**
   * Those of the damaged rows that Kontor wrote once, with another content: what they decided is
   * not known any more. The others decided nothing.
   */
  readonly altered: ReadonlySet<string>
  /**
   * False: a row that Kontor wrote is missing or set back, so that even rows with a right MAC must
   * not replace what is known from before.
   */
  readonly isWhole: boolean
  /** Of the table's set; 0 for a table that is not sealed, or a set that is not Kontor's. */
  readonly revision: bigint
}

export type Checks<Table extends string> = Readonly<Record<Table, TableCheck>>

/**
 * Reads rows of protected tables, and what their MACs say, as of one moment. Notes what is wrong
 * for the log, the metrics and the management API. For caches, not for requests: it reads and
 * checks each row of the tables.
 * @param read  reads what the caller wants in the transaction
 */
export async function readSealed<Table extends SealedTableName, Data>(
  db: Db,
  tables: readonly Table[],
  read: (tx: Tx) => Promise<Data>,
): Promise<{ readonly data: Data; readonly checks: Checks<Table> }> {
  const vault = vaultOf(db)
  const integrity = integrityOf(vault)
  // Noted before the snapshot begins: another check may see a later revision meanwhile.
  const seen = new Map(integrity.revisions)
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const sealing = await readSealing(tx, vault)
      const data = await read(tx)
      const checks: Array<[Table, TableCheck]> = []
      for (const table of tables) {
        checks.push([table, await checkTable(tx, vault, sealing, table, seen.get(table) ?? 0n)])
      }
      // The entries have a key for each table.
      return { data, checks: Object.fromEntries(checks) as Checks<Table> }
    })
}

// Rows are checked in portions of a millisecond or two, so that requests are answered meanwhile.
const portion = 200

/**
 * Checks each row of a table, and notes what is wrong.
 * @param tx  a snapshot
 * @param seenRevision  the highest that this process had seen before the snapshot began
 */
export async function checkTable(
  tx: Tx,
  vault: Vault,
  { isSealed, tableOf, sets, isGenuine }: Sealing,
  table: SealedTableName,
  seenRevision: bigint,
): Promise<TableCheck> {
  if (!isSealed(table))
    return { damaged: new Set(), altered: new Set(), isWhole: true, revision: 0n }
  const spec = tableOf(table)
  const rows = await listRows(tx, spec)
  const damaged = new Set<string>()
  const altered = new Set<string>()
  const macs = new Map<string, string>()
  const weights: bigint[] = []
  const integrity = integrityOf(vault)
  // What is read again and again has the MACs that it had: a fifth of the time.
  const verified = integrity.whole.get(table)?.macs
  for (const [at, row] of rows.entries()) {
    if (at % portion === portion - 1) await pause()
    const state = stateOf(vault, spec, row, verified?.get(row.key))
    if (state !== 'right') damaged.add(row.key)
    if (state === 'altered') altered.add(row.key)
    if (state === 'unsealed' || row.mac === null) continue
    weights.push(weightOf(row.mac))
    macs.set(row.key, row.mac.toString('hex'))
  }
  const set = sets.get(table)
  const isNow = set !== undefined && isGenuine(set) && set.revision >= seenRevision
  const { revisions, whole, notWhole } = integrity
  if (isNow && set.revision > (revisions.get(table) ?? 0n)) revisions.set(table, set.revision)
  const isWhole = isNow && isSumOf(set, weights)
  if (isWhole) {
    whole.set(table, { set, macs })
    notWhole.delete(table)
  } else notWhole.set(table, macOf(set))
  noteCheck(integrity, { table, damaged: [...damaged].toSorted(), isWhole })
  return { damaged, altered, isWhole, revision: isNow ? set.revision : 0n }
}

/** As `Integrity.notWhole` has it. */
export function macOf(set: SealedSet | undefined): string {
  return set?.mac.toString('hex') ?? ''
}
