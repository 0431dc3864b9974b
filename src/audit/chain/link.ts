import type { KeyObject } from 'node:crypto'
import type { Db, Tx } from '../../db/database.ts'
import { vaultOf } from '../../vault/vault.ts'
import { atTheEnd, checkKeysOf, isSealed, retirements, type CheckKeys } from '../check-keys.ts'
import {
  eventHashOf,
  exactTime,
  headSealOf,
  linkHashOf,
  linkSealOf,
  macOf,
  noHash,
} from '../digests.ts'
import type { Head, Link, SealedHead, StoredEvent } from '../event.ts'
import { auditPurpose } from '../record.ts'
import { hasHead, insertFirstHead, lockHead, moveHead } from './head/store.ts'
import { listQueued, removeQueued } from './queue/store.ts'
import { insertLinks, listEvents } from './store.ts'

export interface Linked {
  readonly head: Head
  readonly count: number
  /** Whether more events may be waiting. */
  readonly isFull: boolean
  /**
   * Ids of events that do not match their seal: something other than Kontor changed or wrote them.
   * They are linked as they are.
   */
  readonly doubtful: readonly string[]
  /** Ids of events that were deleted before they were linked. */
  readonly missing: readonly string[]
}

/**
 * Links committed events into the chain, by id; an event that is committed late is linked late.
 * No order waits for it: it locks only the head and the queue, and reads only committed rows.
 * @param limit  maximum number of events
 * @returns undefined when another process is linking
 * @throws Error when the head is missing or not sealed by Kontor. It links nothing then, so that
 * the traces of the manipulation stay
 */
export async function linkEvents(
  deps: { readonly db: Db; readonly now: () => Date },
  limit: number,
): Promise<Linked | undefined> {
  const key = vaultOf(deps.db).keyFor(auditPurpose)
  const keys = checkKeysOf(deps.db)
  return deps.db.transaction().execute(async (tx) => {
    const head = await lockSealedHead(tx, key, keys)
    if (head === undefined) return undefined
    const queued = await listQueued(tx, limit)
    if (queued.length === 0) return { head, count: 0, isFull: false, doubtful: [], missing: [] }
    const unlinked = queued.flatMap(({ id, isLinked }) => (isLinked ? [] : [id]))
    const events = await listEvents(tx, unlinked)
    const links = createLinks(key, head, events, exactTime(deps.now()))
    const last = links.at(-1)
    const next = last === undefined ? head : { position: last.position, hash: last.hash }
    const present = new Set(events.map(({ id }) => id))
    const missing = unlinked.filter((id) => !present.has(id))
    const queuedAgain = queued.flatMap(({ id, isLinked }) => (isLinked ? [id] : []))
    await insertLinks(tx, links)
    await removeQueued(tx, [...present, ...queuedAgain], missing)
    await moveHead(tx, { ...next, seal: headSealOf(key, next) })
    const doubtful = events
      .filter(
        (event) =>
          event.mac !== null && !isSealed(keys, atTheEnd, event.mac, (each) => macOf(each, event)),
      )
      .map(({ id }) => id)
    return { head: next, count: links.length, isFull: queued.length === limit, doubtful, missing }
  })
}

async function lockSealedHead(
  tx: Tx,
  key: KeyObject,
  keys: CheckKeys,
): Promise<SealedHead | undefined> {
  const head = (await lockHead(tx)) ?? (await createFirstHead(tx, key))
  if (head !== undefined && !isGenuine(keys, head))
    throw new Error(
      'The head of the audit chain is not as Kontor wrote it. Nothing is linked; ' +
        'see `kontor audit verify`.',
    )
  return head
}

/** Whether Kontor sealed this head, and not before a digest key was retired. */
export function isGenuine(keys: CheckKeys, head: SealedHead): boolean {
  return (
    isSealed(keys, atTheEnd, head.seal, (key) => headSealOf(key, head)) &&
    retirements(keys).every(({ position }) => position <= head.position)
  )
}

async function createFirstHead(tx: Tx, key: KeyObject): Promise<SealedHead | undefined> {
  if (await hasHead(tx)) return undefined
  const first = { position: 0, hash: noHash }
  await insertFirstHead(tx, { ...first, seal: headSealOf(key, first) })
  const created = await lockHead(tx)
  if (created === undefined && !(await hasHead(tx)))
    throw new Error(
      'The head of the audit chain is gone. Nothing is linked; see `kontor audit verify`.',
    )
  return created
}

function createLinks(
  key: KeyObject,
  head: Head,
  events: readonly StoredEvent[],
  linkedAt: string,
): Link[] {
  let { position, hash } = head
  return events.map((event) => {
    position += 1
    const content = { position, eventId: event.id, linkedAt, eventHash: eventHashOf(event) }
    hash = linkHashOf(hash, content)
    return { ...content, hash, seal: linkSealOf(key, { ...content, hash }) }
  })
}
