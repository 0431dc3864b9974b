// Ends the older formats of sealed values in a database that an earlier release has used.
import { setTimeout as wait } from 'node:timers/promises'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { readFormats } from './digest-keys/read-formats.ts'
import { digestKeyAad, digestKeyName, refusingVersion } from './formats.ts'
import type { KeyRing } from './key-ring.ts'
import { lockKeyRings } from './keys/store.ts'
import {
  countSessionsOfEarlierReleases,
  listHolders,
  timeNow,
  type KeyHolder,
} from './processes/store.ts'
import { resealColumn, type Damaged, type OnRewritten } from './rewrap-all.ts'
import { newestFormat, resealUnderSameKey } from './seal.ts'
import { sealedColumns, type DestinationOf } from './sealed-columns.ts'
import { lockSecret, replaceSecret } from './secrets/store.ts'
import {
  defaultMaxWaitMs,
  repeatPasses,
  retryPauseMs,
  waitForEarlierTransactions,
} from './wait-for-transactions.ts'
import { assertNoHiddenSessions } from './wait-until-all-seal.ts'

export interface NewestFormatDeps {
  readonly connection: Db
  /** With every key in use; each value keeps the key that it is sealed with. */
  readonly ring: KeyRing
  readonly destinationOf: DestinationOf
  readonly onRewritten: OnRewritten
  /**
   * Gives their MACs to rows of tables that have no sealed set, while every process writes them:
   * none without one counts afterwards.
   */
  readonly sealRows: () => Promise<void>
}

export interface Resealed {
  readonly resealed: number
  /** Values that do not open. They keep their format, and will not open later either. */
  readonly damaged: readonly Damaged[]
}

// Processes look every two seconds, and one without a heartbeat counts as gone after twenty.
const maxWaitMs = 30_000

/**
 * Has every process seal in the newest format from now on, seals all older values anew while orders
 * go on, and then has no value of the first format open any more. From the beginning on a process
 * that cannot read the newest format does not start. Safe to interrupt and to run again; once it
 * has ended it does nothing, because a value of the first format is then none of Kontor's.
 * @throws BrokerError `conflict` while a process runs that cannot read the format, or that serves
 *   with another database role
 */
export async function useNewestFormat({
  connection,
  ring,
  destinationOf,
  onRewritten,
  sealRows,
}: NewestFormatDeps): Promise<Resealed> {
  if (!(await readFormats(connection, ring)).acceptsFirst) return { resealed: 0, damaged: [] }
  await setDigestKeyVersion(connection, ring, 0)
  await waitUntilAllSwitched(connection)
  const switchedAt = await timeNow(connection)
  await waitForEarlierTransactions(connection, switchedAt, defaultMaxWaitMs)
  const sum = { resealed: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    const { rewrapped, damaged } = await repeatPasses(connection, defaultMaxWaitMs, () =>
      resealColumn(connection, column, ring, destinationOf, onRewritten),
    )
    sum.resealed += rewrapped
    sum.damaged.push(...damaged)
  }
  await sealRows()
  await setDigestKeyVersion(connection, ring, refusingVersion)
  return sum
}

async function setDigestKeyVersion(connection: Db, ring: KeyRing, version: number): Promise<void> {
  await connection.transaction().execute(async (tx) => {
    // While this lock is held, no process registers.
    await lockKeyRings(tx)
    await assertAllRead(tx)
    const digestKey = await lockSecret(tx, digestKeyName)
    if (digestKey === undefined) throw new Error('There is no digest key.')
    const { sealed, version: before } = digestKey
    await replaceSecret(tx, digestKeyName, {
      sealed: resealUnderSameKey(ring, sealed, digestKeyAad(before), digestKeyAad(version)),
      version,
    })
  })
}

async function assertAllRead(db: DbOrTx): Promise<void> {
  await assertNoHiddenSessions(db)
  const older = (await listHolders(db)).filter(({ format }) => format === null)
  const sessions = await countSessionsOfEarlierReleases(db)
  if (older.length === 0 && sessions === 0) return
  throw new BrokerError(
    'conflict',
    `Processes of an earlier release are running (${namesOf(older) || `${sessions} sessions`}), ` +
      'which could not open the values of this one. Upgrade all processes to this release first.',
  )
}

function namesOf(holders: readonly KeyHolder[]): string {
  return holders.map(({ name }) => name).join(', ')
}

async function waitUntilAllSwitched(db: Db): Promise<void> {
  const since = performance.now()
  for (;;) {
    const behind = (await listHolders(db)).filter(({ format }) => format !== newestFormat)
    if (behind.length === 0) return
    if (performance.now() - since > maxWaitMs)
      throw new BrokerError(
        'conflict',
        `Not all processes seal in the new format yet: ${namesOf(behind)}. Run the command again.`,
      )
    await wait(retryPauseMs)
  }
}
