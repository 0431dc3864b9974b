import { setTimeout as pause } from 'node:timers/promises'
import { announce } from '../../db/channels.ts'
import type { Db, Tx } from '../../db/database.ts'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import { sealRow, stateOf, weightOf } from './row-mac.ts'
import type { Vault } from '../vault.ts'
import { listRows, lockTables, updateMacs } from './rows/store.ts'
import { integrityOf } from './integrity.ts'
import { setMark } from './mark.ts'
import { isGenuine, sealSet, sumOf } from './sealed-set.ts'
import type { Sealing } from './sealing.ts'
import { lockSets, upsertSet } from './sets/store.ts'
import { sealedTable, sealedTableIn, type SealedTableName } from './tables.ts'

/** A table whose rows were sealed, and the keys of those that had no right MAC. */
export interface Sealed {
  readonly table: SealedTableName
  readonly rows: number
  readonly fresh: readonly string[]
}

/**
 * Seals all rows of a table as they are. The caller has locked the table.
 * @param names  of all tables that are sealed from then on, with their columns
 */
export async function sealAnew(
  tx: Tx,
  vault: Vault,
  names: readonly string[],
  table: SealedTableName,
  now: Date,
): Promise<Sealed> {
  const spec = sealedTableIn(names, table) ?? sealedTable(table)
  const rows = await listRows(tx, spec)
  const wrong = rows.filter((row) => stateOf(vault, spec, row) !== 'right')
  const fresh = new Map(wrong.map((row) => [row.key, sealRow(vault, spec, row)]))
  await updateMacs(
    tx,
    spec,
    [...fresh].map(([key, mac]) => ({ key, mac })),
  )
  let sum = 0n
  for (const { key, mac } of rows) sum += weightOf(fresh.get(key) ?? mac ?? Buffer.of())
  const [set] = await lockSets(tx, [table])
  // As far as the time: a running process may remember a higher revision than a set back table has.
  const time = BigInt(now.getTime())
  // SQL may have written the highest number that there is.
  const next = set !== undefined && isGenuine(vault, names, set) ? set.revision + 1n : 0n
  await upsertSet(tx, sealSet(vault, names, table, next > time ? next : time, sum))
  return { table, rows: rows.length, fresh: [...fresh.keys()] }
}

/**
 * Sets the mark, and binds to it the sets of the tables that were not sealed anew for it.
 * @param names  of all tables that are sealed from now on, with their columns
 */
export async function moveMark(
  tx: Tx,
  vault: Vault,
  before: Sealing,
  names: readonly string[],
  now: Date,
): Promise<void> {
  for (const set of await lockSets(tx, [...before.sets.keys()]))
    if (before.isGenuine(set))
      await upsertSet(tx, sealSet(vault, names, set.table, set.revision, sumOf(set)))
  // Later than the one before, even where the database's clock was set back.
  const { markedAt } = integrityOf(vault)
  const since = markedAt === undefined || markedAt < now ? now : new Date(markedAt.getTime() + 1)
  await setMark(tx, vault, { since, names })
}

const attempts = 40
const pauseMs = 250

/**
 * Runs `work` in a transaction that keeps all others from changing these tables, and has every
 * process read its caches anew afterwards. Begins again while others hold the tables.
 */
export async function withLockedTables<Result>(
  db: Db,
  tables: readonly SealedTableName[],
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(async (tx) => {
        await lockTables(tx, tables)
        const result = await work(tx)
        for (const channel of ['platforms', 'catalog', 'providers', 'quotas'] as const)
          await announce(tx, channel)
        return result
      })
    } catch (error) {
      if (attempt === attempts || !isTransientDatabaseError(error)) throw error
      await pause(pauseMs)
    }
  }
}
