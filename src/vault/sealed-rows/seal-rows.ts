import type { Db, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { lockKeyRings } from '../keys/store.ts'
import { countSessionsOfEarlierReleases, listHolders, timeNow } from '../processes/store.ts'
import { vaultOf } from '../vault.ts'
import { readMark, setMark } from './mark.ts'
import { sealAnew, withLockedTables, type Sealed } from './seal-anew.ts'
import { readSealing } from './sealing.ts'
import { sealedTables } from './tables.ts'

/**
 * Seals the rows of all tables that are not sealed yet, and sets the mark: from then on a row
 * without a MAC counts for nothing.
 * @param record  called in the transaction, unless there was nothing to seal
 * @returns what was sealed; nothing when the mark is there for all tables
 * @throws BrokerError `conflict` while a process runs that writes rows without MACs, or when the
 *   mark was changed
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
    const { isSealed, isMarkRight } = await readSealing(tx, vault)
    if (!isMarkRight)
      throw new BrokerError(
        'conflict',
        'The rows were sealed before, and the mark that says so was changed past Kontor. ' +
          'Look at the tables, and run "kontor key reseal" for each of them.',
      )
    const now = await timeNow(tx)
    const sealed: Sealed[] = []
    for (const table of tables)
      if (!isSealed(table)) sealed.push(await sealAnew(tx, vault, table, now))
    if (sealed.length === 0) return sealed
    const mark = await readMark(tx, vault)
    await setMark(tx, vault, { since: typeof mark === 'object' ? mark.since : now, tables })
    await record(tx, sealed)
    return sealed
  })
}

async function assertAllSealRows(tx: Tx): Promise<void> {
  const older = (await listHolders(tx)).filter(({ sealsRows }) => !sealsRows)
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
