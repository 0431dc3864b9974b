import type { KeyObject } from 'node:crypto'
import type { Db } from '../../db/database.ts'
import { vaultOf } from '../../vault/vault.ts'
import {
  eventHashOf,
  headSealOf,
  isSame,
  linkHashOf,
  linkSealOf,
  macOf,
  noHash,
} from '../digests.ts'
import type { Head } from '../event.ts'
import { auditPurpose } from '../record.ts'
import {
  countAwaiting,
  findHead,
  findStretch,
  listCopies,
  listLinks,
  listLost,
  listQueuedAgain,
  listUnlinked,
  type LinkedEvent,
} from './store.ts'

export interface Verified {
  /** How many were found in the chain as they should be. */
  readonly events: number
  readonly head: Head
  /** Not linked yet. */
  readonly waiting: number
  /** Linked, but written by a release that did not seal. */
  readonly unsealed: number
}

export interface VerifyOptions {
  /** What somebody wrote down elsewhere: it must be part of the chain. */
  readonly noted?: Head | undefined
  /** Called with a sentence for each thing that is not as it should be. */
  readonly onFinding: (sentence: string) => void
}

const atATime = 2_000
// After the first sealed event a process of the release before may still write for so long.
const upgradeMs = 24 * 3_600_000
// A linker comes by each second. Longer than a restart, shorter than what nobody should notice.
const maxWaitSeconds = 600

/**
 * Compares the whole audit log with its seals and its chain. It only reads, a few thousand rows at a time, and may run while
 * orders go on.
 */
export async function verifyAudit(db: Db, { noted, onFinding }: VerifyOptions): Promise<Verified> {
  const key = vaultOf(db).keyFor(auditPurpose)
  const { head, last } = await findHead(db)
  if (head === undefined && last > 0) onFinding('The head of the chain is gone.')
  if (head !== undefined && !isSame(head.seal, headSealOf(key, head)))
    onFinding(`The head of the chain (position ${head.position}) was changed.`)
  const end = Math.max(last, head?.position ?? 0)
  const walk = createWalk(key, onFinding, noted)
  for (let at = 0; at < end;) {
    const links = await listLinks(db, at, end, atATime)
    for (const each of links) walk.look(each)
    const upTo = links.at(-1)?.link.position
    if (upTo === undefined) break
    at = upTo
  }
  const told = walk.end()
  if (head !== undefined && told.head.position < head.position)
    onFinding(
      `The end of the chain is cut off: position ${rangeOf(told.head.position + 1, head.position)} is missing.`,
    )
  if (head !== undefined && told.head.position > head.position)
    onFinding(
      `Position ${rangeOf(head.position + 1, told.head.position)} was put after the end of the chain, or the head was set back.`,
    )
  if (
    head !== undefined &&
    told.head.position === head.position &&
    !head.hash.equals(told.head.hash)
  )
    onFinding(`The head of the chain is not the hash of position ${head.position}.`)
  if (noted !== undefined && noted.position > told.head.position)
    onFinding(
      `The chain once went to position ${noted.position}; now it ends with ${told.head.position}.`,
    )
  const waiting = await lookBesideTheChain(db, key, onFinding)
  return { ...told, waiting }
}

/** Follows the chain link by link, and says what does not fit. */
function createWalk(
  key: KeyObject,
  onFinding: (sentence: string) => void,
  noted: Head | undefined,
) {
  let events = 0
  let unsealed = 0
  let head: Head = { position: 0, hash: noHash }
  let sealedSince: number | undefined

  const look = ({ link, event }: LinkedEvent): void => {
    const place = `position ${link.position}, event ${link.eventId}`
    const isNext = link.position === head.position + 1
    if (!isNext)
      onFinding(
        `Removed: position ${rangeOf(head.position + 1, link.position - 1)} of the chain is missing.`,
      )
    const isOurs = isSame(link.seal, linkSealOf(key, link))
    const follows = !isNext || linkHashOf(head.hash, link).equals(link.hash)
    if (!isOurs || !follows)
      onFinding(`Reordered or forged: the link at ${place} is not as Kontor wrote it.`)
    if (noted?.position === link.position && !noted.hash.equals(link.hash))
      onFinding(`Position ${link.position} is not the one that was noted: its hash was another.`)
    head = { position: link.position, hash: link.hash }

    if (event === null) return onFinding(`Removed: the event of ${place} is gone.`)
    if (!eventHashOf(event).equals(link.eventHash))
      return onFinding(`Changed: ${place} is not as it was linked.`)
    const linkedAt = Date.parse(link.linkedAt)
    if (event.mac === null) {
      unsealed += 1
      if (sealedSince !== undefined && linkedAt > sealedSince + upgradeMs)
        return onFinding(
          `Not sealed: ${place} was not written by Kontor, or by a release that does not seal.`,
        )
    } else {
      sealedSince ??= linkedAt
      if (!isSame(event.mac, macOf(key, event)))
        return onFinding(
          `Forged: ${place} was changed before it was linked, or not written by Kontor.`,
        )
    }
    if (isOurs && follows) events += 1
  }

  return { look, end: () => ({ events, unsealed, head }) }
}

/** What the chain does not tell of. @returns how many events wait to be linked */
async function lookBesideTheChain(
  db: Db,
  key: KeyObject,
  onFinding: (sentence: string) => void,
): Promise<number> {
  let waiting = 0
  for (let from = '-9223372036854775808'; ;) {
    const upTo = await findStretch(db, from, atATime * 10)
    if (upTo === undefined) break
    for (const { event, isAwaited } of await listUnlinked(db, from, upTo)) {
      if (!isAwaited)
        onFinding(`Inserted: event ${event.id} is not part of the chain, or its link was removed.`)
      else waiting += 1
      if (isAwaited && event.mac !== null && !isSame(event.mac, macOf(key, event)))
        onFinding(
          `Forged: event ${event.id}, not linked yet, was changed or not written by Kontor.`,
        )
    }
    for (const id of await listCopies(db, from, upTo))
      onFinding(`Inserted: event ${id} is a copy of an earlier one.`)
    from = upTo
  }
  for (const id of await listLost(db))
    onFinding(`Removed: event ${id} was gone before it could be linked.`)
  for (const id of await listQueuedAgain(db))
    onFinding(`Queued again: event ${id} is part of the chain, and waits to be linked.`)
  const { oldestSeconds } = await countAwaiting(db)
  if (oldestSeconds > maxWaitSeconds)
    onFinding(
      `Events have waited to be linked for ${Math.round(oldestSeconds / 60)} minutes. Does a worker run?`,
    )
  return waiting
}

function rangeOf(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`
}
