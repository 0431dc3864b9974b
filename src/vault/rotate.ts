import { setTimeout as wait } from 'node:timers/promises'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { everySealed } from './every-sealed.ts'
import type { KeyRing } from './keyring.ts'
import { rewrap } from './seal.ts'
import { placeOf, sealedColumns, type SealedColumn } from './sealed-columns.ts'
import { countEarlierTransactions, listHolders, listKeys, lockRings, replaceSealed, setInUse, tryLockRotation, type KeyHolder, type Rewrapped } from './store.ts'

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
  /** Keys that no value is sealed with any more, so that they can be taken out of the rings. */
  readonly freed: readonly string[]
}

export interface RotationDeps {
  /** A connection of its own: its end ends the rotation's lock. */
  readonly connection: Db
  /** Its first key is the one that all values are brought under. */
  readonly ring: KeyRing
  readonly onProgress: (column: SealedColumn, rewrapped: number) => void
  /** Called in the transaction that ends the rotation. */
  readonly record: (tx: Tx, outcome: Rotation) => Promise<void>
}

// Orders hold their rows for milliseconds.
const betweenPassesMs = 200
// Processes look at their keys every two seconds: once to have the new one, once to know that all have it.
const longestWaitMs = 6_000

/**
 * Brings every sealed value under the ring's first key while orders go on, and then notes which keys are not used any more.
 * It can be cut off at any time and begun again: what is done is done.
 * @throws BrokerError `conflict` when another rotation is under way, or a process lacks the key or seals with another one
 */
export async function rotateKeys ({ connection, ring, onProgress, record }: RotationDeps): Promise<Rotation> {
  if (!await tryLockRotation(connection)) throw new BrokerError('conflict', 'Another rotation is under way. It does all that this one would do.')
  const switchedAt = await untilAllSeal(connection, ring.current)
  let rewrapped = 0
  const pass = async () => {
    const done = await onePass(connection, ring, onProgress)
    rewrapped += done.rewrapped
    return done
  }
  // The first passes do the work; what was locked comes in the next one.
  while ((await pass()).left > 0) await wait(betweenPassesMs)
  // Sealed before the change of keys, but not written then. It was not to be seen; now it is.
  while (await countEarlierTransactions(connection, switchedAt) > 0) await wait(betweenPassesMs)
  let last = await pass()
  while (last.left > 0) {
    await wait(betweenPassesMs)
    last = await pass()
  }
  const damaged = last.damaged
  return connection.transaction().execute(async (tx) => {
    await lockRings(tx)
    assertAllSeal(await listHolders(tx), ring.current)
    const stays = new Set([ring.current, ...damaged.map(({ keyId }) => keyId)])
    const freed = (await listKeys(tx)).filter(({ id, isInUse }) => isInUse && !stays.has(id)).map(({ id }) => id)
    await setInUse(tx, freed, false)
    const outcome = { rewrapped, damaged, freed }
    await record(tx, outcome)
    return outcome
  })
}

// A file that was just changed is on its way to them, and they switch by themselves when the last of them has the key.
async function untilAllSeal (connection: Db, keyId: string): Promise<Date> {
  const since = performance.now()
  for (;;) {
    const holders = await listHolders(connection)
    const behind = holders.filter((holder) => !seals(holder, keyId))
    if (behind.length === 0) return new Date(Math.max(0, ...holders.map(({ sealingSince }) => sealingSince.getTime())))
    if (performance.now() - since > longestWaitMs) assertAllSeal(holders, keyId)
    await wait(betweenPassesMs)
  }
}

function seals ({ keys, sealingKey }: KeyHolder, keyId: string): boolean {
  return sealingKey === keyId || (sealingKey === null && keys.includes(keyId))
}

function assertAllSeal (holders: readonly KeyHolder[], keyId: string): void {
  const lacking = holders.filter(({ keys }) => !keys.includes(keyId))
  if (lacking.length > 0) throw new BrokerError('conflict', `Not all processes have the key "${keyId}": it is missing in ${namesOf(lacking)}. Give it to all of them first; what is brought under it they could not open.`)
  const behind = holders.filter((holder) => !seals(holder, keyId))
  if (behind.length > 0) throw new BrokerError('conflict', `Not all processes seal with the key "${keyId}": it is not the first in the ring of ${namesOf(behind)}. Put it first there, or this would never end.`)
}

function namesOf (holders: readonly KeyHolder[]): string {
  return holders.map(({ name }) => name).join(', ')
}

async function onePass (connection: Db, ring: KeyRing, onProgress: RotationDeps['onProgress']): Promise<{ rewrapped: number, left: number, damaged: Damaged[] }> {
  const sum = { rewrapped: 0, left: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    let ofColumn = 0
    for await (const rows of everySealed(connection, column, ring.current)) {
      const fresh: Rewrapped[] = []
      for (const row of rows) {
        if (row.sealed === null) continue
        try {
          fresh.push({ key: row.key, before: row.sealed, after: rewrap(ring, row.sealed, placeOf(column, row)) })
        } catch (error) {
          sum.damaged.push({ column, key: row.key, keyId: row.keyId ?? '', reason: error instanceof Error ? error.message : 'unknown cause' })
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
