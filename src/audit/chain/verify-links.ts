import { isSealed, retirements, type CheckKeys } from '../check-keys.ts'
import { eventHashOf, linkHashOf, linkSealOf, macOf, noHash } from '../digests.ts'
import type { Head, Link } from '../event.ts'
import type { LinkedEvent } from './store.ts'

export type OnFinding = (sentence: string) => void

export interface LinkCheck {
  /** Checks the next link of the chain. */
  add(linked: LinkedEvent): void
  result(): { readonly events: number; readonly unsealed: number; readonly head: Head }
}

// An upgrade may run processes of a release that did not seal for so long after the first sealed
// event.
const upgradeMs = 24 * 3_600_000

/** Checks the links of the chain one after the other, each with its event. */
export function createLinkCheck(
  keys: CheckKeys,
  onFinding: OnFinding,
  noted: Head | undefined,
): LinkCheck {
  const checkSeal = createSealCheck(keys)
  const ends = new Map(retirements(keys).map(({ position, hash }) => [position, hash]))
  let events = 0
  let unsealed = 0
  let head: Head = { position: 0, hash: noHash }

  return {
    add({ link, event }) {
      const name = `position ${link.position}, event ${link.eventId}`
      const isGenuine = checkLink(keys, head, link, name, onFinding)
      if (noted?.position === link.position && !noted.hash.equals(link.hash))
        onFinding(`Position ${link.position} is not the one that was noted: its hash was another.`)
      if (ends.get(link.position)?.equals(link.hash) === false)
        onFinding(
          `Rewritten: position ${link.position} is not as it was when a digest key was retired.`,
        )
      head = { position: link.position, hash: link.hash }

      if (event === null) return onFinding(`Removed: the event of ${name} is gone.`)
      if (!eventHashOf(event).equals(link.eventHash))
        return onFinding(`Changed: ${name} is not as it was linked.`)
      if (event.mac === null) unsealed += 1
      const problem = checkSeal({ link, event }, name)
      if (problem !== undefined) onFinding(problem)
      else if (isGenuine) events += 1
    },
    result: () => ({ events, unsealed, head }),
  }
}

/** @returns whether Kontor wrote this link, and as the successor of `head` if it is the next one */
function checkLink(
  keys: CheckKeys,
  head: Head,
  link: Link,
  name: string,
  onFinding: OnFinding,
): boolean {
  const isNext = link.position === head.position + 1
  if (!isNext) {
    const missing = describeRange(head.position + 1, link.position - 1)
    onFinding(`Removed: position ${missing} of the chain is missing.`)
  }
  const isGenuine =
    isSealed(keys, link.position, link.seal, (key) => linkSealOf(key, link)) &&
    (!isNext || linkHashOf(head.hash, link).equals(link.hash))
  if (!isGenuine) onFinding(`Reordered or forged: the link at ${name} is not as Kontor wrote it.`)
  return isGenuine
}

/** @returns a function that describes what is wrong with an event's seal; undefined: nothing */
function createSealCheck(keys: CheckKeys) {
  let sealedSince: number | undefined
  return ({ link, event }: LinkedEvent, name: string): string | undefined => {
    if (event === null) return undefined
    const linkedAt = Date.parse(link.linkedAt)
    if (event.mac === null)
      return sealedSince !== undefined && linkedAt > sealedSince + upgradeMs
        ? `Not sealed: ${name} was not written by Kontor, or by a release that does not seal.`
        : undefined
    sealedSince ??= linkedAt
    return isSealed(keys, link.position, event.mac, (key) => macOf(key, event))
      ? undefined
      : `Forged: ${name} was changed before it was linked, or not written by Kontor.`
  }
}

/** Such as `7`, or `7 to 9`. */
export function describeRange(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`
}
