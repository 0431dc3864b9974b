import { setTimeout as wait } from 'node:timers/promises'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { markInUse } from './adopt-key-ring.ts'
import { countByKey } from './count-by-key.ts'
import type { KeyRing } from './key-ring.ts'
import { listKeys, lockKeyRings, setInUse, tryLockRotation } from './keys/store.ts'
import { countEarlierTransactions, timeNow } from './processes/store.ts'
import { rewrapAll, type Damaged } from './rewrap-all.ts'
import type { DestinationOf, SealedColumn } from './sealed-columns.ts'
import { assertAllSeal, waitUntilAllSeal } from './wait-until-all-seal.ts'

export interface Rotation {
  readonly rewrapped: number
  readonly damaged: readonly Damaged[]
  /** How many values stay unreadable because their key was given up. */
  readonly givenUp: number
  /** Keys that no longer seal any value, so that operators can remove them from the rings. */
  readonly freed: readonly string[]
}

export interface RotationDeps {
  /** A dedicated connection: the rotation's lock ends with it. */
  readonly connection: Db
  /** The rotation rewraps all values with its first key. */
  readonly ring: KeyRing
  readonly destinationOf: DestinationOf
  readonly onRewritten: (column: SealedColumn, rewrapped: number) => void
  /** Called once for each set of silent processes that the rotation waits for. */
  readonly onWait: (sentence: string) => void
  /** Called in the transaction that ends the rotation. */
  readonly record: (tx: Tx, outcome: Rotation) => Promise<void>
}

// Orders hold their row locks for milliseconds.
const retryPauseMs = 200

/**
 * Rewraps every sealed value with the ring's first key while orders go on, and then marks the keys
 * that are no longer used. Safe to interrupt and to run again: rewrapped values stay rewrapped.
 * @throws BrokerError `conflict` when another rotation is running, or a process lacks the key or
 *   seals with another one
 */
export async function rotateKeys({
  connection,
  ring,
  destinationOf,
  onRewritten,
  onWait,
  record,
}: RotationDeps): Promise<Rotation> {
  if (!(await tryLockRotation(connection)))
    throw new BrokerError(
      'conflict',
      'Another rotation is running. It does all that this one would do.',
    )
  await waitUntilAllSeal(connection, ring.current, onWait)
  const switchedAt = await beginRotation(connection, ring)
  let rewrapped = 0
  const rewrapUntilDone = async (): Promise<readonly Damaged[]> => {
    for (;;) {
      const pass = await rewrapAll(connection, ring, destinationOf, onRewritten)
      rewrapped += pass.rewrapped
      if (pass.skipped === 0) return pass.damaged
      await wait(retryPauseMs)
    }
  }
  await rewrapUntilDone()
  // These transactions may have sealed a value with the old key and not committed it yet, so that
  // the passes so far could not see it.
  while ((await countEarlierTransactions(connection, switchedAt)) > 0) await wait(retryPauseMs)
  for (;;) {
    const outcome = await endRotation(connection, ring, await rewrapUntilDone(), (tx, rest) =>
      record(tx, { rewrapped, ...rest }),
    )
    if (outcome !== undefined) return { rewrapped, ...outcome }
  }
}

/** @returns the time from which on every process seals with the ring's first key */
async function beginRotation(connection: Db, ring: KeyRing): Promise<Date> {
  return connection.transaction().execute(async (tx) => {
    await lockKeyRings(tx)
    await assertAllSeal(tx, ring.current)
    // Needed when no process is running that would have marked the key.
    await markInUse(tx, ring, ring.current)
    return timeNow(tx)
  })
}

type Ending = Omit<Rotation, 'rewrapped'>

/**
 * @param unopened  the values that did not open
 * @returns undefined when a value was sealed with an old key after the last pass, for example by a
 *   process that started and stopped meanwhile
 */
async function endRotation(
  connection: Db,
  ring: KeyRing,
  unopened: readonly Damaged[],
  record: (tx: Tx, ending: Ending) => Promise<void>,
): Promise<Ending | undefined> {
  return connection.transaction().execute(async (tx) => {
    // While this lock is held, no process chooses another sealing key.
    await lockKeyRings(tx)
    await assertAllSeal(tx, ring.current)
    const known = await listKeys(tx)
    const givenUp = new Set(
      known.filter(({ id, isInUse }) => !isInUse && !ring.keys.has(id)).map(({ id }) => id),
    )
    const damaged = unopened.filter(({ keyId }) => !givenUp.has(keyId))
    const needed = new Set([ring.current, ...damaged.map(({ keyId }) => keyId)])
    const freed = known.filter(({ id, isInUse }) => isInUse && !needed.has(id)).map(({ id }) => id)
    const counts = await countByKey(tx)
    if (counts.some(({ keyId }) => freed.includes(keyId))) return undefined
    await setInUse(tx, freed, false)
    const ending = {
      damaged,
      freed,
      givenUp: counts.reduce(
        (sum, { keyId, values }) => sum + (givenUp.has(keyId) ? values : 0),
        0,
      ),
    }
    await record(tx, ending)
    return ending
  })
}
