import type { Db, Tx } from '../../db/database.ts'
import type { KeyRing } from '../key-ring.ts'
import { countedKeyId, macPrefixOf, macsOf, type Macs } from '../mac.ts'
import { readNames, remakeMark } from './mark.ts'
import { sealRow, stateOf, weightOf, type ProtectedRow } from './row-mac.ts'
import { countRowsExcept, lockRowsExcept, updateMacs } from './rows/store.ts'
import { isGenuine, sealSet, sumOf } from './sealed-set.ts'
import { lockSets, upsertSet } from './sets/store.ts'
import {
  sealedTable,
  sealedTableIn,
  sealedTables,
  tableOfName,
  type SealedTableName,
} from './tables.ts'

const batchSize = 500

/** A MAC that does not fit its row or set, and so is not made anew. */
export interface WrongMac {
  readonly table: string
  readonly key: string
  readonly keyId: string
}

export interface Remade {
  readonly count: number
  /** MACs of rows that another transaction had locked or has changed. */
  readonly skipped: number
  readonly wrong: readonly WrongMac[]
}

/**
 * Makes the MACs of all rows, sets and marks anew with the current key of the ring. Each batch of
 * rows changes its set in the same transaction. Rows that another transaction has locked stay as
 * they are: the next pass finds them.
 */
export async function remakeMacs(
  db: Db,
  ring: KeyRing,
  onRewritten: (table: string, count: number) => void,
): Promise<Remade> {
  const remaking: Remaking = { macs: macsOf(ring), prefix: macPrefixOf(ring.current), wrong: [] }
  let [count, skipped] = [0, 0]
  for (const { table } of sealedTables) {
    let ofTable = 0
    for (let after: string | undefined; ;) {
      const done = await db
        .transaction()
        .execute(async (tx) => remakeBatch(tx, remaking, table, after))
      ofTable += done.count
      if (done.count > 0) onRewritten(table, ofTable)
      if (done.last === undefined) break
      after = done.last
    }
    count += ofTable
    const wrong = remaking.wrong.filter((each) => each.table === table).map(({ key }) => key)
    skipped += await countRowsExcept(db, sealedTable(table), remaking.prefix, wrong)
  }
  const ofSets = await db.transaction().execute(async (tx) => remakeSets(tx, remaking))
  const ofMark = await db.transaction().execute(async (tx) => remakeMarkIn(tx, remaking))
  return { count: count + ofSets + ofMark, skipped, wrong: remaking.wrong }
}

interface Remaking {
  readonly macs: Macs
  /** How MACs with the current key begin. */
  readonly prefix: Buffer
  readonly wrong: WrongMac[]
}

async function remakeBatch(
  tx: Tx,
  { macs, prefix, wrong }: Remaking,
  table: SealedTableName,
  after: string | undefined,
): Promise<{ readonly count: number; readonly last: string | undefined }> {
  const names = await readNames(tx, macs)
  const spec = sealedTableIn(names, table) ?? sealedTable(table)
  const rows = await lockRowsExcept(tx, spec, prefix, after, batchSize)
  const last = rows.length === batchSize ? rows.at(-1)?.key : undefined
  if (rows.length === 0) return { count: 0, last }
  // While this waited for the table, "kontor key seal-rows" may have sealed it with other columns,
  // so that right rows would look wrong. They count as skipped, and the next pass takes them.
  if ((await readNames(tx, macs)).join() !== names.join()) return { count: 0, last }
  const [set] = await lockSets(tx, [table])
  const isSetRight = set !== undefined && isGenuine(macs, names, set)
  const isRight = (row: ProtectedRow) => isSetRight && stateOf(macs, spec, row) === 'right'
  const right = rows.filter(isRight)
  for (const { key, mac } of rows.filter((row) => !isRight(row)))
    wrong.push({ table, key, keyId: mac === null ? '' : countedKeyId(mac) })
  if (set === undefined || right.length === 0) return { count: 0, last }
  let sum = sumOf(set)
  const fresh = right.map((row) => {
    const mac = sealRow(macs, spec, row)
    sum += weightOf(mac) - (row.mac === null ? 0n : weightOf(row.mac))
    return { key: row.key, mac }
  })
  await updateMacs(tx, spec, fresh)
  await upsertSet(tx, sealSet(macs, names, table, set.revision + 1n, sum))
  return { count: fresh.length, last }
}

async function remakeSets(tx: Tx, { macs, prefix, wrong }: Remaking): Promise<number> {
  const names = await readNames(tx, macs)
  let count = 0
  for (const set of await lockSets(tx, names.map(tableOfName))) {
    if (set.mac.subarray(0, prefix.length).equals(prefix)) continue
    if (isGenuine(macs, names, set)) {
      await upsertSet(tx, sealSet(macs, names, set.table, set.revision, sumOf(set)))
      count += 1
    } else wrong.push({ table: 'sealed_sets', key: set.table, keyId: countedKeyId(set.mac) })
  }
  return count
}

async function remakeMarkIn(tx: Tx, { macs, prefix, wrong }: Remaking): Promise<number> {
  const remade = await remakeMark(tx, macs, prefix)
  if (remade === undefined) return 0
  if (remade.isRight) return 1
  wrong.push({ table: 'vault_marks', key: 'rows-sealed', keyId: countedKeyId(remade.mac) })
  return 0
}
