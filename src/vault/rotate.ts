import { setTimeout as wait } from 'node:timers/promises'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { countByKey } from './count-by-key.ts'
import { everySealed } from './every-sealed.ts'
import type { KeyRing } from './key-ring.ts'
import { rewrap } from './seal.ts'
import { aadOf, sealedColumns, type SealedColumn } from './sealed-columns.ts'
import {
  countEarlierTransactions,
  listKeys,
  lockRings,
  replaceSealed,
  setInUse,
  timeNow,
  tryLockRotation,
  type Rewrapped,
} from './store.ts'
import { putInUse } from './take-up.ts'
import { assertAllSeal, untilAllSeal } from './until-all-seal.ts'

/** A value that does not open, so that it cannot be brought under another key. */
export interface Damaged {
  readonly column: SealedColumn
  readonly key: string
  readonly keyId: string
  readonly reason: string
}

export interface Rotation {
  readonly rewrapped: number
  readonly damaged: readonly Damaged[]
  /** How many values stay closed because their key was given up. */
  readonly givenUp: number
  /** Keys that no value is sealed with any more, so that they can be taken out of the rings. */
  readonly freed: readonly string[]
}

export interface RotationDeps {
  /** A connection of its own: its end ends the rotation's lock. */
  readonly connection: Db
  /** Its first key is the one that all values are brought under. */
  readonly ring: KeyRing
  readonly onProgress: (column: SealedColumn, rewrapped: number) => void
  /** Told once each: for whom it waits. */
  readonly onWait: (sentence: string) => void
  /** Called in the transaction that ends the rotation. */
  readonly record: (tx: Tx, outcome: Rotation) => Promise<void>
}

// Orders hold their rows for milliseconds.
const betweenPassesMs = 200

/**
 * Brings every sealed value under the ring's first key while orders go on, and then notes which keys are not used any more.
 * It can be cut off at any time and begun again: what is done is done.
 * @throws BrokerError `conflict` when another rotation is under way, or a process lacks the key or seals with another one
 */
export async function rotateKeys({
  connection,
  ring,
  onProgress,
  onWait,
  record,
}: RotationDeps): Promise<Rotation> {
  if (!(await tryLockRotation(connection)))
    throw new BrokerError(
      'conflict',
      'Another rotation is under way. It does all that this one would do.',
    )
  await untilAllSeal(connection, ring.current, onWait)
  const switchedAt = await beginWith(connection, ring)
  let rewrapped = 0
  // What was locked comes in the next pass.
  const bringOver = async (): Promise<readonly Damaged[]> => {
    for (;;) {
      const done = await onePass(connection, ring, onProgress)
      rewrapped += done.rewrapped
      if (done.left === 0) return done.damaged
      await wait(betweenPassesMs)
    }
  }
  // Does the work.
  await bringOver()
  // Sealed before the change of keys, but not written then. It was not to be seen; now it is.
  while ((await countEarlierTransactions(connection, switchedAt)) > 0) await wait(betweenPassesMs)
  for (;;) {
    const outcome = await end(connection, ring, await bringOver(), (tx, rest) =>
      record(tx, { rewrapped, ...rest }),
    )
    if (outcome !== undefined) return { rewrapped, ...outcome }
  }
}

/** @returns when nobody sealed with another key any more */
async function beginWith(connection: Db, ring: KeyRing): Promise<Date> {
  return connection.transaction().execute(async (tx) => {
    await lockRings(tx)
    await assertAllSeal(tx, ring.current)
    // Also when no process runs that would have done so.
    await putInUse(tx, ring, ring.current)
    return timeNow(tx)
  })
}

type End = Omit<Rotation, 'rewrapped'>

/** @returns undefined when somebody has sealed with a key of before since the last pass; one came and went, for example */
async function end(
  connection: Db,
  ring: KeyRing,
  closed: readonly Damaged[],
  record: (tx: Tx, end: End) => Promise<void>,
): Promise<End | undefined> {
  return connection.transaction().execute(async (tx) => {
    await lockRings(tx)
    await assertAllSeal(tx, ring.current)
    const known = await listKeys(tx)
    const givenUp = new Set(
      known.filter(({ id, isInUse }) => !isInUse && !ring.keys.has(id)).map(({ id }) => id),
    )
    const damaged = closed.filter(({ keyId }) => !givenUp.has(keyId))
    const stays = new Set([ring.current, ...damaged.map(({ keyId }) => keyId)])
    const freed = known.filter(({ id, isInUse }) => isInUse && !stays.has(id)).map(({ id }) => id)
    // Nobody decides meanwhile with which key he seals.
    const counts = await countByKey(tx)
    if (counts.some(({ keyId }) => freed.includes(keyId))) return undefined
    await setInUse(tx, freed, false)
    const outcome = {
      damaged,
      freed,
      givenUp: counts.reduce(
        (sum, { keyId, values }) => sum + (givenUp.has(keyId) ? values : 0),
        0,
      ),
    }
    await record(tx, outcome)
    return outcome
  })
}

async function onePass(
  connection: Db,
  ring: KeyRing,
  onProgress: RotationDeps['onProgress'],
): Promise<{ rewrapped: number; left: number; damaged: Damaged[] }> {
  const sum = { rewrapped: 0, left: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    let ofColumn = 0
    for await (const rows of everySealed(connection, column, ring.current)) {
      const fresh: Rewrapped[] = []
      for (const row of rows) {
        if (row.sealed === null) continue
        try {
          fresh.push({
            key: row.key,
            before: row.sealed,
            after: rewrap(ring, row.sealed, aadOf(column, row)),
          })
        } catch (error) {
          sum.damaged.push({
            column,
            key: row.key,
            keyId: row.keyId ?? '',
            reason: error instanceof Error ? error.message : 'unknown cause',
          })
        }
      }
      if (fresh.length === 0) continue
      const done = await replaceSealed(connection, column, fresh)
      ofColumn += done
      sum.left += fresh.length - done
      onProgress(column, ofColumn)
    }
    sum.rewrapped += ofColumn
  }
  return sum
}
