import { setTimeout as pause } from 'node:timers/promises'
import type { Db, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { vaultOf } from '../../vault/vault.ts'
import { checkKeysOf } from '../check-keys.ts'
import { findLinks } from '../checkpoints/store.ts'
import { headSealOf, noHash } from '../digests.ts'
import type { Head } from '../event.ts'
import { auditPurpose } from '../record.ts'
import { awaitHead, findHead, moveHead } from './head/store.ts'
import { isGenuine, linkEvents } from './link.ts'

const batchSize = 1_000
const retryPauseMs = 100

/**
 * Links all events that are committed now, beside the workers that link.
 * @param maxWaitMs  how long it waits for one of them
 * @throws BrokerError `conflict` when one does not end; Error for a head that is not Kontor's
 */
export async function linkAll(db: Db, maxWaitMs: number): Promise<void> {
  let progressAt = performance.now()
  for (;;) {
    const linked = await linkEvents({ db, now: () => new Date() }, batchSize)
    if (linked?.isFull === false) return
    if (linked !== undefined) progressAt = performance.now()
    else if (performance.now() - progressAt > maxWaitMs)
      throw new BrokerError(
        'conflict',
        'Another process has locked the head of the audit chain and does not end. Look for its ' +
          'session in pg_stat_activity, end that, and run the command again.',
      )
    else await pause(retryPauseMs)
  }
}

/**
 * Seals the head of the chain with the newest digest key.
 * @param acceptsDamage  for a log that is not as Kontor wrote it: takes its last link as its end,
 *   and leaves the head as it is
 * @returns the end, which no process moves until the transaction ends
 * @throws BrokerError `conflict` when the end of the chain is not as Kontor wrote it
 */
export async function sealEnd(tx: Tx, acceptsDamage: boolean): Promise<Head> {
  const head = await awaitHead(tx)
  const { last } = await findHead(tx)
  const hash = (await findLinks(tx, [last])).get(last)?.hash ?? noHash
  if (head === undefined && last === 0) return { position: 0, hash: noHash }
  if (
    head !== undefined &&
    last === head.position &&
    isGenuine(checkKeysOf(tx), head) &&
    head.hash.equals(hash)
  ) {
    await moveHead(tx, { ...head, seal: headSealOf(vaultOf(tx).keyFor(auditPurpose), head) })
    return head
  }
  if (acceptsDamage) return { position: last, hash }
  throw new BrokerError('conflict', 'The end of the audit chain is not as Kontor wrote it.')
}
