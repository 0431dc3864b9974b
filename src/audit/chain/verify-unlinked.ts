import type { Db } from '../../db/database.ts'
import { atTheEnd, isSealed, type CheckKeys } from '../check-keys.ts'
import { macOf } from '../digests.ts'
import { listMissing, listQueuedAgain } from './queue/store.ts'
import { findRangeEnd, listCopies, listUnlinked } from './store.ts'
import { findStallMinutes } from './unlinked.ts'
import type { OnFinding } from './verify-links.ts'

const batchSize = 20_000
const beforeAllIds = '-9223372036854775808'

/**
 * Checks the events that are not part of the chain.
 * @returns how many events wait to be linked
 */
export async function verifyUnlinked(
  db: Db,
  keys: CheckKeys,
  onFinding: OnFinding,
): Promise<number> {
  let waiting = 0
  for (let from = beforeAllIds; ;) {
    const upTo = await findRangeEnd(db, from, batchSize)
    if (upTo === undefined) return waiting
    for (const { event, isQueued } of await listUnlinked(db, from, upTo)) {
      if (!isQueued)
        onFinding(`Inserted: event ${event.id} is not part of the chain, or its link was removed.`)
      else waiting += 1
      if (
        isQueued &&
        event.mac !== null &&
        !isSealed(keys, atTheEnd, event.mac, (key) => macOf(key, event))
      )
        onFinding(
          `Forged: event ${event.id}, not linked yet, was changed or not written by Kontor.`,
        )
    }
    for (const id of await listCopies(db, from, upTo))
      onFinding(`Inserted: event ${id} is a copy of an earlier one.`)
    from = upTo
  }
}

/** Checks the queue of events that wait to be linked. */
export async function verifyQueue(db: Db, onFinding: OnFinding): Promise<void> {
  for (const id of await listMissing(db))
    onFinding(`Removed: event ${id} was gone before it could be linked.`)
  for (const id of await listQueuedAgain(db))
    onFinding(`Queued again: event ${id} is part of the chain, and waits to be linked.`)
  const minutes = await findStallMinutes(db)
  if (minutes !== undefined)
    onFinding(`Events have waited to be linked for ${minutes} minutes. Does a worker run?`)
}
