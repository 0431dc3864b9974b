import type { Head } from '../event.ts'
import { describeChange, type ReportedLink, type Walk } from './walk.ts'

// Lines are in the order of time, which is nearly the order of linking. Two neighbours of the chain
// that are further apart than this are not compared, so that memory stays bounded.
const maxKept = 100_000

/**
 * Checks a filtered export, in which positions may be missing or out of order. It keeps the hash of
 * each link until the next position comes, and each link whose previous position has not come yet.
 */
export function checkPart(after: Head): Walk {
  const hashes = new Map<number, Buffer>([[after.position, after.hash]])
  const early = new Map<number, ReportedLink>()
  let followed = 0
  const compare = (
    before: Buffer,
    link: ReportedLink,
    onFinding: (sentence: string) => void,
  ): void => {
    followed += 1
    const change = describeChange(before, link)
    if (change !== undefined) onFinding(change)
  }
  return {
    check(link, onFinding) {
      if (hashes.has(link.position))
        return onFinding(
          `Inserted: position ${link.position}, event ${link.eventId} is there twice.`,
        )
      const before = hashes.get(link.position - 1)
      if (before === undefined) keep(early, link.position, link)
      else compare(before, link, onFinding)
      const next = early.get(link.position + 1)
      if (next !== undefined) {
        early.delete(link.position + 1)
        compare(link.hash, next, onFinding)
      }
      keep(hashes, link.position, link.hash)
    },
    followed: () => followed,
  }
}

function keep<T>(map: Map<number, T>, position: number, value: T): void {
  map.set(position, value)
  if (map.size <= maxKept) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
