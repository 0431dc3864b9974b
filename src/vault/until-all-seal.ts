// Before values are brought under a key: all processes must have it and seal with it, or they would meet what they cannot open.
import { setTimeout as wait } from 'node:timers/promises'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { countSilentReleases, listHolders, type KeyHolder } from './store.ts'

const betweenLooksMs = 200
// Processes look at their keys every two seconds: once to have the new one, once to know that all have it.
const maxWaitMs = 6_000
// It has missed two of its looks: perhaps it was killed. It is waited for until nobody counts it any more.
const silentMs = 5_000

interface Objection {
  readonly sentence: string
  /** Set when nobody who could still change anything is heard of. */
  readonly waitFor?: string
}

/**
 * A file that was just changed is on its way to them, and they switch by themselves when the last of them has the key.
 * @param onWait  is told once for whom it waits longer
 * @throws BrokerError `conflict` when they do not
 */
export async function untilAllSeal(
  db: Db,
  keyId: string,
  onWait: (sentence: string) => void,
): Promise<void> {
  const since = performance.now()
  const told = new Set<string>()
  for (;;) {
    const validationError = await validate(db, keyId)
    if (validationError === undefined) return
    const { sentence, waitFor } = validationError
    if (waitFor === undefined && performance.now() - since > maxWaitMs)
      throw new BrokerError('conflict', sentence)
    if (waitFor !== undefined && !told.has(waitFor)) {
      told.add(waitFor)
      onWait(
        `Waiting for ${waitFor}: not heard of for ${silentMs / 1000} s. It counts as gone after 20 s of silence.`,
      )
    }
    await wait(betweenLooksMs)
  }
}

/** @throws BrokerError `conflict` when a process lacks the key or seals with another one */
export async function assertAllSeal(db: DbOrTx, keyId: string): Promise<void> {
  const validationError = await validate(db, keyId)
  if (validationError !== undefined) throw new BrokerError('conflict', validationError.sentence)
}

async function validate(db: DbOrTx, keyId: string): Promise<Objection | undefined> {
  const sessions = await countSilentReleases(db)
  if (sessions > 0)
    return {
      sentence: `Processes of an earlier release are at work, of which nobody knows with which keys they seal: pg_stat_activity has sessions named "kontor": ${sessions}. Bring all processes to this release first.`,
    }
  const behind = (await listHolders(db)).filter((holder) => !seals(holder, keyId))
  if (behind.length === 0) return undefined
  const waiting = behind.every((holder) => holder.silentMs > silentMs)
    ? { waitFor: namesOf(behind) }
    : {}
  const lacking = behind.filter(({ keys }) => !keys.includes(keyId))
  const sentence =
    lacking.length > 0
      ? `Not all processes have the key "${keyId}": it is missing in ${namesOf(lacking)}. Give it to all of them first; what is brought under it they could not open.`
      : `Not all processes seal with the key "${keyId}": it is not the first in the ring of ${namesOf(behind)}. Put it first there, or this would never end.`
  return { sentence, ...waiting }
}

function seals({ keys, sealingKey }: KeyHolder, keyId: string): boolean {
  return sealingKey === keyId || (sealingKey === null && keys.includes(keyId))
}

function namesOf(holders: readonly KeyHolder[]): string {
  return holders.map(({ name }) => name).join(', ')
}
