import { setTimeout as pause } from 'node:timers/promises'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { markInUse } from './adopt-key-ring.ts'
import { countByKey, type KeyCount } from './count-by-key.ts'
import type { AuditEnd } from './digest-keys/digest-key.ts'
import { digestPrefixOf } from './digest-keys/digest.ts'
import { assertNotUnderWay, renewDigestKey, retireDigestKeys } from './digest-keys/renew.ts'
import type { KeyRing } from './key-ring.ts'
import { listKeys, lockKeyRings, setInUse, tryLockRotation } from './keys/store.ts'
import { timeNow } from './processes/store.ts'
import { rewriteAll, type Damaged, type Rewriting } from './rewrap-all.ts'
import type { DestinationOf, SealedColumn } from './sealed-columns.ts'
import {
  repeatPasses,
  retryPauseMs,
  waitForEarlierTransactions,
  type Pass,
} from './wait-for-transactions.ts'
import { assertAllSeal, waitUntilAllSeal } from './wait-until-all-seal.ts'

export interface Rotation {
  readonly rewrapped: number
  /** How many digests of requests were made again. */
  readonly redigested: number
  readonly damaged: readonly Damaged[]
  /** How many values stay unreadable because their key was given up. */
  readonly givenUp: number
  /** Keys that no longer seal any value, so that operators can remove them from the rings. */
  readonly freed: readonly string[]
}

/**
 * What a rotation does beside, after which nothing counts that a person with the older keys and any
 * copy of the database makes. The modules above the vault know how.
 */
export interface Renewal {
  /** Reads the digest keys again. */
  readonly reopen: (connection: Db) => Promise<void>
  /** Makes digests of requests again that do not begin with `prefix`, in one pass. */
  readonly redigest: (connection: Db, prefix: Buffer) => Promise<Pass<Damaged>>
  /** Links all events of the audit log that are committed. */
  readonly linkAll: (connection: Db, maxWaitMs: number) => Promise<void>
  /** Seals the end of the audit log with the newest digest key, and signs its checkpoint anew. */
  readonly sealEnd: (tx: Tx) => Promise<AuditEnd>
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
  /** How long it waits for a transaction that does not end. */
  readonly maxWaitMs: number
  /** Undefined: only the ring's key changes. */
  readonly renewal?: Renewal | undefined
  /** Called in the transaction that ends the rotation. */
  readonly record: (tx: Tx, outcome: Rotation) => Promise<void>
}

/**
 * Rewraps every sealed value with the ring's first key while orders go on, and then marks the keys
 * that are no longer used. With `renewal` it seals every value again instead, and changes the
 * digest key. Safe to interrupt and to run again: what is done stays done.
 * @throws BrokerError `conflict` when another rotation is running, a process lacks the key or seals
 *   with another one, or a transaction does not end
 */
export async function rotateKeys(deps: RotationDeps): Promise<Rotation> {
  const { connection, ring, maxWaitMs, renewal, record } = deps
  if (!(await tryLockRotation(connection)))
    throw new BrokerError(
      'conflict',
      'Another rotation is running. It does all that this one would do.',
    )
  await waitUntilAllSeal(connection, ring.current, deps.onWait)
  const switchedAt = await beginRotation(connection, ring, renewal !== undefined)
  const fresh = renewal === undefined ? undefined : await renewDigestKey(connection, ring)
  await renewal?.reopen(connection)
  let rewrapped = 0
  const rewriteUntilDone = async (rewriting: Rewriting) => {
    const done = await repeatPasses(connection, maxWaitMs, () =>
      rewriteAll(connection, ring, rewriting, deps.destinationOf, deps.onRewritten),
    )
    rewrapped += done.rewrapped
    return done
  }
  await rewriteUntilDone(renewal === undefined ? 'rewrap' : 'again')
  await waitForEarlierTransactions(connection, fresh?.since ?? switchedAt, maxWaitMs)
  const ofDigests =
    renewal === undefined || fresh === undefined
      ? { rewrapped: 0, damaged: [] }
      : await renewDigests(deps, renewal, fresh.id)
  for (let progressAt = performance.now(); ;) {
    const done = await rewriteUntilDone(renewal === undefined ? 'rewrap' : 'after retirement')
    const damaged = [...done.damaged, ...ofDigests.damaged]
    const outcome = await endRotation(connection, ring, damaged, (tx, rest) =>
      record(tx, { rewrapped, redigested: ofDigests.rewrapped, ...rest }),
    )
    if ('freed' in outcome) return { rewrapped, redigested: ofDigests.rewrapped, ...outcome }
    if (done.rewrapped > 0) progressAt = performance.now()
    if (performance.now() - progressAt > maxWaitMs) throw stillUnderOld(outcome.left)
    await pause(retryPauseMs)
  }
}

function stillUnderOld(left: readonly KeyCount[]): BrokerError {
  const names = left.map(({ column, keyId }) => `${column.table}.${column.column} under "${keyId}"`)
  return new BrokerError(
    'conflict',
    `Values came back under an old key, and no pass can change them: ${names.join(', ')}. ` +
      'Look at these rows and their triggers, and run the command again.',
  )
}

async function renewDigests(
  { connection, ring, maxWaitMs }: RotationDeps,
  { redigest, linkAll, sealEnd, reopen }: Renewal,
  id: number,
) {
  const done = await repeatPasses(connection, maxWaitMs, () =>
    redigest(connection, digestPrefixOf(id)),
  )
  await linkAll(connection, maxWaitMs)
  await retireDigestKeys(connection, ring, id, sealEnd)
  await reopen(connection)
  return done
}

/** @returns the time from which on every process seals with the ring's first key */
async function beginRotation(connection: Db, ring: KeyRing, renewsDigests: boolean): Promise<Date> {
  return connection.transaction().execute(async (tx) => {
    await lockKeyRings(tx)
    await assertAllSeal(tx, ring.current)
    if (!renewsDigests) await assertNotUnderWay(tx, ring)
    // Needed when no process is running that would have marked the key.
    await markInUse(tx, ring, ring.current)
    return timeNow(tx)
  })
}

type Ending = Omit<Rotation, 'rewrapped' | 'redigested'>

/**
 * @param unopened  the values that did not open
 * @returns what is `left` when a value was sealed with an old key after the last pass, for example
 *   by a process that started and stopped meanwhile
 */
async function endRotation(
  connection: Db,
  ring: KeyRing,
  unopened: readonly Damaged[],
  record: (tx: Tx, ending: Ending) => Promise<void>,
): Promise<Ending | { readonly left: readonly KeyCount[] }> {
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
    const left = counts.filter(({ keyId }) => freed.includes(keyId))
    if (left.length > 0) return { left }
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
