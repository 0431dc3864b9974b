import type { KeyObject } from 'node:crypto'
import type { Db, Tx } from '../../db/database.ts'
import { vaultOf } from '../../vault/vault.ts'
import {
  eventHashOf,
  exactTime,
  headSealOf,
  isSame,
  linkHashOf,
  linkSealOf,
  macOf,
  noHash,
} from '../digests.ts'
import type { Head, Link, SealedHead, StoredEvent } from '../event.ts'
import { auditPurpose } from '../record.ts'
import {
  hasHead,
  insertFirstHead,
  insertLinks,
  listEvents,
  listQueued,
  lockHead,
  moveHead,
  removeQueued,
} from './store.ts'

export interface Linked {
  readonly head: Head
  readonly count: number
  /** Whether there may be more to link at once. */
  readonly isFull: boolean
  /** Ids of events that do not fit their seal: they were changed or brought in past Kontor. They are linked as they are. */
  readonly doubtful: readonly string[]
  /** Ids of events that were gone before they could be linked. */
  readonly lost: readonly string[]
}

/**
 * Links committed events into the chain, in the order of their ids as far as they are committed; who comes late is linked
 * late. No order waits for it: it locks nothing but the head, and reads only what is committed.
 * @param limit  most events at a time
 * @returns undefined when another linker is at it
 * @throws Error when the head is gone or not ours: then nothing is linked, so that what was done to the chain stays visible
 */
export async function linkEvents(
  deps: { readonly db: Db; readonly now: () => Date },
  limit: number,
): Promise<Linked | undefined> {
  const key = vaultOf(deps.db).keyFor(auditPurpose)
  return deps.db.transaction().execute(async (tx) => {
    const head = await takeHead(tx, key)
    if (head === undefined) return undefined
    const queued = await listQueued(tx, limit)
    if (queued.length === 0) return { head, count: 0, isFull: false, doubtful: [], lost: [] }
    const unlinked = queued.flatMap(({ id, isLinked }) => (isLinked ? [] : [id]))
    const events = await listEvents(tx, unlinked)
    const links = chain(key, head, events, exactTime(deps.now()))
    const last = links.at(-1)
    const next = last === undefined ? head : { position: last.position, hash: last.hash }
    const found = new Set(events.map(({ id }) => id))
    const lost = unlinked.filter((id) => !found.has(id))
    const queuedAgain = queued.flatMap(({ id, isLinked }) => (isLinked ? [id] : []))
    await insertLinks(tx, links)
    await removeQueued(tx, [...found, ...queuedAgain], lost)
    await moveHead(tx, { ...next, seal: headSealOf(key, next) })
    const doubtful = events
      .filter((event) => event.mac !== null && !isSame(event.mac, macOf(key, event)))
      .map(({ id }) => id)
    return { head: next, count: links.length, isFull: queued.length === limit, doubtful, lost }
  })
}

async function takeHead(tx: Tx, key: KeyObject): Promise<SealedHead | undefined> {
  const head = (await lockHead(tx)) ?? (await makeHead(tx, key))
  if (head !== undefined && !isSame(head.seal, headSealOf(key, head)))
    throw new Error(
      'The head of the audit chain is not as Kontor wrote it. Nothing is linked; see `kontor audit verify`.',
    )
  return head
}

async function makeHead(tx: Tx, key: KeyObject): Promise<SealedHead | undefined> {
  if (await hasHead(tx)) return undefined
  const first = { position: 0, hash: noHash }
  await insertFirstHead(tx, { ...first, seal: headSealOf(key, first) })
  const made = await lockHead(tx)
  if (made === undefined && !(await hasHead(tx)))
    throw new Error(
      'The head of the audit chain is gone. Nothing is linked; see `kontor audit verify`.',
    )
  return made
}

function chain(
  key: KeyObject,
  head: Head,
  events: readonly StoredEvent[],
  linkedAt: string,
): Link[] {
  let { position, hash } = head
  return events.map((event) => {
    position += 1
    const open = { position, eventId: event.id, linkedAt, eventHash: eventHashOf(event) }
    hash = linkHashOf(hash, open)
    return { ...open, hash, seal: linkSealOf(key, { ...open, hash }) }
  })
}
