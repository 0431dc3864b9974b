import type { Db } from '../../db/database.ts'
import { checkKeysOf, retirements, type CheckKeys } from '../check-keys.ts'
import type { Head, SealedHead } from '../event.ts'
import { findHead } from './head/store.ts'
import { isGenuine } from './link.ts'
import { listLinks } from './store.ts'
import { createLinkCheck, describeRange, type OnFinding } from './verify-links.ts'
import { verifyQueue, verifyUnlinked } from './verify-unlinked.ts'
import { verifyVersions } from './verify-versions.ts'

export interface Verified {
  /** How many linked events match their seal and their link. */
  readonly events: number
  readonly head: Head
  /** How many events wait to be linked. */
  readonly waiting: number
  /** How many linked events are of a release that did not seal. */
  readonly unsealed: number
}

export interface VerifyOptions {
  /** A head that was noted elsewhere: the chain must contain it. */
  readonly noted?: Head | undefined
  /** Called with one sentence for each finding. */
  readonly onFinding: OnFinding
}

const batchSize = 2_000

/**
 * Compares the whole audit log with its seals and its chain, and rows with what it says of their
 * versions. It only reads, a few thousand rows at
 * a time, and may run while orders go on.
 */
export async function verifyAudit(db: Db, { noted, onFinding }: VerifyOptions): Promise<Verified> {
  const keys = checkKeysOf(db)
  const { head, last } = await findHead(db)
  verifySealOfHead(keys, head, last, onFinding)
  const end = Math.max(last, head?.position ?? 0)
  const check = createLinkCheck(keys, onFinding, noted)
  for (let at = 0; at < end;) {
    const links = await listLinks(db, at, end, batchSize)
    for (const each of links) check.add(each)
    const upTo = links.at(-1)?.link.position
    if (upTo === undefined) break
    at = upTo
  }
  const linked = check.result()
  if (head !== undefined) verifyEnd(head, linked.head, onFinding)
  for (const { position } of [...(noted === undefined ? [] : [noted]), ...retirements(keys)])
    if (position > linked.head.position)
      onFinding(
        `The chain once went to position ${position}; now it ends with ${linked.head.position}.`,
      )
  const waiting = await verifyUnlinked(db, keys, onFinding)
  await verifyQueue(db, onFinding)
  await verifyVersions(db, onFinding)
  return { ...linked, waiting }
}

function verifySealOfHead(
  keys: CheckKeys,
  head: SealedHead | undefined,
  last: number,
  onFinding: OnFinding,
): void {
  if (head === undefined && last > 0) onFinding('The head of the chain is gone.')
  if (head !== undefined && !isGenuine(keys, head))
    onFinding(`The head of the chain (position ${head.position}) was changed.`)
}

/** @param last  position and hash of the last link */
function verifyEnd(head: Head, last: Head, onFinding: OnFinding): void {
  if (last.position < head.position) {
    const missing = describeRange(last.position + 1, head.position)
    onFinding(`The end of the chain is cut off: position ${missing} is missing.`)
  } else if (last.position > head.position) {
    const extra = describeRange(head.position + 1, last.position)
    onFinding(`Position ${extra} was put after the end of the chain, or the head was set back.`)
  } else if (!head.hash.equals(last.hash)) {
    onFinding(`The head of the chain is not the hash of position ${head.position}.`)
  }
}
