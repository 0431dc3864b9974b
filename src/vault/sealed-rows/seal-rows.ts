import type { Db, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { lockKeyRings } from '../keys/store.ts'
import { countSessionsOfEarlierReleases, listHolders, timeNow } from '../processes/store.ts'
import { vaultOf } from '../vault.ts'
import { assertNoHiddenSessions } from '../wait-until-all-seal.ts'
import { checkTable } from './read-sealed.ts'
import { moveMark, sealAnew, withLockedTables, type Sealed } from './seal-anew.ts'
import { readSealing, type Sealing } from './sealing.ts'
import {
  newestNames,
  sealedTableIn,
  sealedTables,
  tableOfName,
  type SealedTable,
  type SealedTableName,
} from './tables.ts'

/**
 * Seals the rows of all tables that are not sealed yet, or not with all columns that this release
 * seals, and sets the mark: from then on a row without such a MAC counts for nothing.
 * @param record  called in the transaction, unless there was nothing to seal
 * @returns what was sealed; nothing when the mark is there for all tables and columns
 * @throws BrokerError `conflict` while a process runs that writes rows without MACs or serves with
 *   another database role, or when the mark, or a table that gets further columns, was changed past
 *   Kontor
 */
export async function sealRows(
  db: Db,
  record: (tx: Tx, sealed: readonly Sealed[]) => Promise<void>,
): Promise<readonly Sealed[]> {
  const vault = vaultOf(db)
  const tables = sealedTables.map(({ table }) => table)
  return withLockedTables(db, tables, async (tx) => {
    // No process registers until the mark is set.
    await lockKeyRings(tx)
    await assertAllSealRows(tx)
    const sealing = await readSealing(tx, vault)
    if (!sealing.isMarkRight)
      throw new BrokerError(
        'conflict',
        'The rows were sealed before, and the mark that says so was changed past Kontor. ' +
          'Look at the tables, and run "kontor key reseal" for each of them.',
      )
    const behind = sealedTables.filter((spec) => isBehind(sealing, spec))
    if (behind.length === 0) return []
    for (const { table } of behind)
      if (sealing.isSealed(table)) await assertRight(tx, sealing, table)
    const now = await timeNow(tx)
    // Those that a later release has sealed stay as they are.
    const others = sealing.names.filter((name) =>
      behind.every(({ table }) => table !== tableOfName(name)),
    )
    const names = [...others, ...newestNames.filter((name) => !isNamed(others, name))]
    await moveMark(tx, vault, sealing, names, now)
    const sealed: Sealed[] = []
    for (const { table } of behind) sealed.push(await sealAnew(tx, vault, names, table, now))
    await record(tx, sealed)
    return sealed
  })
}

function isNamed(names: readonly string[], name: string): boolean {
  return names.some((each) => tableOfName(each) === tableOfName(name))
}

/** Whether a table is not sealed, or without some of the columns that this release seals. */
function isBehind(
  { isSealed, names }: Sealing,
  { table, columns }: Pick<SealedTable, 'columns'> & { readonly table: SealedTableName },
): boolean {
  const sealed = sealedTableIn(names, table)?.columns ?? []
  return !isSealed(table) || columns.some((column) => !sealed.includes(column))
}

async function assertRight(tx: Tx, sealing: Sealing, table: SealedTableName): Promise<void> {
  const { damaged, isWhole } = await checkTable(tx, vaultOf(tx), sealing, table, 0n)
  if (isWhole && damaged.size === 0) return
  throw new BrokerError(
    'conflict',
    `The table ${table} was changed past Kontor. Look at it, run "kontor key reseal ${table}", ` +
      'and then this command again.',
  )
}

async function assertAllSealRows(tx: Tx): Promise<void> {
  await assertNoHiddenSessions(tx)
  const older = (await listHolders(tx)).filter((holder) =>
    sealedTables.some(({ table }) => !holder.sealedTables.includes(table)),
  )
  const names = older.map(({ name }) => name)
  const sessions = await countSessionsOfEarlierReleases(tx)
  if (sessions > 0) names.push(`${sessions} sessions named "kontor" in pg_stat_activity`)
  if (names.length > 0)
    throw new BrokerError(
      'conflict',
      `Processes of an earlier release run, which write rows without a MAC: ${names.join(', ')}. ` +
        'Upgrade all processes first; Kontor counts a process as gone after 20 s without a ' +
        'heartbeat.',
    )
}
