// A new digest key, in three steps that can be interrupted after each: it is made, all processes
// use it, and the older ones are retired. An older key is never sealed, while it is in force, with
// the key of the ring that seals the new one: a copy of the database from such a time could bring
// it back into force.
import { setTimeout as pause } from 'node:timers/promises'
import { announce } from '../../db/channels.ts'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { KeyRing } from '../key-ring.ts'
import { lockKeyRings } from '../keys/store.ts'
import { listHolders, timeNow, type KeyHolder } from '../processes/store.ts'
import { keyIdOf } from '../seal.ts'
import { findUnsealed } from '../sealed-rows/find-unsealed.ts'
import { lockSecret, replaceSecret } from '../secrets/store.ts'
import { retryPauseMs } from '../wait-for-transactions.ts'
import { nameOf, sealRetired, type AuditEnd, type DigestKey } from './digest-key.ts'
import { makeNextDigestKey } from './make-digest-key.ts'
import { readDigestKeys } from './read-digest-keys.ts'
import { readFormats } from './read-formats.ts'

// Processes read the keys every two seconds: once for the new one, once to learn that all others
// have it. One without a heartbeat counts as gone after twenty.
const maxWaitMs = 30_000

/**
 * Makes a new digest key under the ring's current key, unless that has been done, and waits until
 * all processes use it.
 * @returns the time from which on none uses an older one, and the number of the key
 * @throws BrokerError `conflict` when the database is not sealed, an older release runs, or the
 *   ring's current key has sealed the present digest key before
 */
export async function renewDigestKey(
  connection: Db,
  ring: KeyRing,
): Promise<{ readonly since: Date; readonly id: number }> {
  const id = await connection.transaction().execute(async (tx) => {
    await lockKeyRings(tx)
    await assertSealed(tx, ring)
    const newest = (await listInForce(tx, ring)).at(-1)
    if (newest === undefined) throw new Error('No digest key is in force.')
    if (newest.madeUnder === ring.current) return newest.id
    if (keyIdOf(newest.sealed) === ring.current)
      throw new BrokerError(
        'conflict',
        `The key "${ring.current}" has sealed the digest key before, so it cannot make what was ` +
          'sealed then worthless. Put a new key first in all rings, and run the command again.',
      )
    return makeNextDigestKey(tx, ring, newest.id)
  })
  await waitUntilAllUse(connection, id)
  return { since: await timeNow(connection), id }
}

/** @throws BrokerError `conflict` when a rotation has made a digest key, and retired none yet */
export async function assertNotUnderWay(tx: Tx, ring: KeyRing): Promise<void> {
  if ((await listInForce(tx, ring)).length > 1)
    throw new BrokerError(
      'conflict',
      'A rotation of all that a key protects was interrupted. End it: "kontor key rotate --all".',
    )
}

/**
 * Retires all digest keys but the newest.
 * @param findEnd  the end of the audit log, up to which they count; called in the transaction
 */
export async function retireDigestKeys(
  connection: Db,
  ring: KeyRing,
  id: number,
  findEnd: (tx: Tx) => Promise<AuditEnd>,
): Promise<void> {
  await connection.transaction().execute(async (tx) => {
    // While this lock is held, no process chooses another digest key.
    await lockKeyRings(tx)
    const behind = await listBehind(tx, id)
    if (behind.length > 0) throw stillBehind(behind)
    const older = (await listInForce(tx, ring)).filter((key) => key.id < id)
    if (older.length === 0) return
    const end = await findEnd(tx)
    for (const key of older) {
      await lockSecret(tx, nameOf(key.id))
      await replaceSecret(tx, nameOf(key.id), sealRetired(ring, key, end))
    }
    // Processes forget which passwords they have verified: the next sign-in moves a digest.
    await announce(tx, 'platforms')
  })
}

async function listInForce(tx: Tx, ring: KeyRing): Promise<DigestKey[]> {
  const { all } = await readDigestKeys(tx, ring)
  return [...all.values()]
    .filter(({ retiredAt }) => retiredAt === undefined)
    .toSorted((a, b) => a.id - b.id)
}

async function assertSealed(tx: Tx, ring: KeyRing): Promise<void> {
  const older = (await listHolders(tx)).filter(({ newestDigestKey }) => newestDigestKey === null)
  if (older.length > 0)
    throw new BrokerError(
      'conflict',
      `Processes of an earlier release are running (${namesOf(older)}), which know no second ` +
        'digest key. Upgrade all processes to this release first.',
    )
  const { acceptsFirst } = await readFormats(tx, ring)
  const unsealed = await findUnsealed(tx)
  if (!acceptsFirst && unsealed.length === 0) return
  throw new BrokerError(
    'conflict',
    'The database is not sealed, so that a new key could not protect it: ' +
      `${unsealed.join(', ')}. Run "kontor key seal-rows" first.`,
  )
}

async function waitUntilAllUse(db: Db, id: number): Promise<void> {
  const since = performance.now()
  for (;;) {
    const behind = await listBehind(db, id)
    if (behind.length === 0) return
    if (performance.now() - since > maxWaitMs) throw stillBehind(behind)
    await pause(retryPauseMs)
  }
}

async function listBehind(db: DbOrTx, id: number): Promise<KeyHolder[]> {
  return (await listHolders(db)).filter(({ digestKey }) => digestKey !== id)
}

function stillBehind(behind: readonly KeyHolder[]): BrokerError {
  return new BrokerError(
    'conflict',
    `Not all processes use the new digest key yet: ${namesOf(behind)}. Run the command again.`,
  )
}

function namesOf(holders: readonly KeyHolder[]): string {
  return holders.map(({ name }) => name).join(', ')
}
