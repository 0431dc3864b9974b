// Before a rotation rewraps values, all processes must hold the new key and seal with it:
// otherwise they would meet values that they cannot open.
import { setTimeout as wait } from 'node:timers/promises'
import type { Db, DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import {
  countHiddenSessions,
  countSessionsOfEarlierReleases,
  listHolders,
  type KeyHolder,
} from './processes/store.ts'

const pollIntervalMs = 200
// Processes refresh their keys every two seconds: once to load the new key, once to learn that all
// others have loaded it.
const maxWaitMs = 6_000
// The process has missed two heartbeats and was perhaps killed. The rotation waits until it either
// returns or expires.
const silentMs = 5_000

/** Why the rotation cannot go on yet. */
interface Blocker {
  readonly sentence: string
  /** The names of the blocking processes, set when all of them have missed heartbeats. */
  readonly silentProcesses?: string
}

/**
 * Gives the processes time to load a key file that has just changed: they switch to the new key by
 * themselves once the last of them has it.
 * @param onWait  called once for each set of silent processes that the rotation waits for
 * @throws BrokerError `conflict` when they do not switch in time, or serve with another database
 *   role
 */
export async function waitUntilAllSeal(
  db: Db,
  keyId: string,
  onWait: (sentence: string) => void,
): Promise<void> {
  await assertNoHiddenSessions(db)
  const since = performance.now()
  const reported = new Set<string>()
  for (;;) {
    const blocker = await findBlocker(db, keyId)
    if (blocker === undefined) return
    const { sentence, silentProcesses } = blocker
    if (silentProcesses === undefined && performance.now() - since > maxWaitMs)
      throw new BrokerError('conflict', sentence)
    if (silentProcesses !== undefined && !reported.has(silentProcesses)) {
      reported.add(silentProcesses)
      onWait(
        `Waiting for ${silentProcesses}: no heartbeat for ${silentMs / 1000} s. ` +
          'Kontor counts a process as gone after 20 s without one.',
      )
    }
    await wait(pollIntervalMs)
  }
}

/**
 * They may hold values that were sealed in another way and are not committed yet.
 * @throws BrokerError `conflict` when processes serve with another database role
 */
export async function assertNoHiddenSessions(db: DbOrTx): Promise<void> {
  if ((await countHiddenSessions(db)) === 0) return
  throw new BrokerError(
    'conflict',
    'Processes serve with another database role, whose transactions this one cannot see: set ' +
      'DATABASE_URL as they have it.',
  )
}

/** @throws BrokerError `conflict` when a process lacks the key or seals with another one */
export async function assertAllSeal(db: DbOrTx, keyId: string): Promise<void> {
  const blocker = await findBlocker(db, keyId)
  if (blocker !== undefined) throw new BrokerError('conflict', blocker.sentence)
}

async function findBlocker(db: DbOrTx, keyId: string): Promise<Blocker | undefined> {
  const sessions = await countSessionsOfEarlierReleases(db)
  if (sessions > 0)
    return {
      sentence:
        'Processes of an earlier release are running, which do not publish the keys they seal ' +
        `with: pg_stat_activity has sessions named "kontor": ${sessions}. ` +
        'Upgrade all processes to this release first.',
    }
  const behind = (await listHolders(db)).filter((holder) => !seals(holder, keyId))
  if (behind.length === 0) return undefined
  const lacking = behind.filter(({ keys }) => !keys.includes(keyId))
  const sentence =
    lacking.length > 0
      ? `Not all processes have the key "${keyId}": it is missing in ${namesOf(lacking)}. ` +
        'Add it to the key rings of all of them first; they could not open what it seals.'
      : `Not all processes seal with the key "${keyId}": it is not the first in the ring of ` +
        `${namesOf(behind)}. Put it first there; otherwise the rotation would never end.`
  const areSilent = behind.every((holder) => holder.silentMs > silentMs)
  return areSilent ? { sentence, silentProcesses: namesOf(behind) } : { sentence }
}

function seals({ keys, sealingKey }: KeyHolder, keyId: string): boolean {
  return sealingKey === keyId || (sealingKey === null && keys.includes(keyId))
}

function namesOf(holders: readonly KeyHolder[]): string {
  return holders.map(({ name }) => name).join(', ')
}
