import type { Head } from '../event.ts'
import { reportChange, type ReportedLink, type Walk } from './walk.ts'

// Lines lie by time, which is nearly the order of linking: who comes late by more than so many is not compared.
const kept = 100_000

/** Positions may be missing, and come out of order: hashes are kept until their follower has come, and the other way round. */
export function checkPart(after: Head): Walk {
  const seen = new Map<number, Buffer>([[after.position, after.hash]])
  const early = new Map<number, ReportedLink>()
  let followed = 0
  const follow = (
    before: Buffer,
    link: ReportedLink,
    onFinding: (sentence: string) => void,
  ): void => {
    followed += 1
    const change = reportChange(before, link)
    if (change !== undefined) onFinding(change)
  }
  return {
    look(link, onFinding) {
      if (seen.has(link.position))
        return onFinding(
          `Inserted: position ${link.position}, event ${link.eventId} is there twice.`,
        )
      const before = seen.get(link.position - 1)
      if (before === undefined) keep(early, link.position, link)
      else follow(before, link, onFinding)
      const next = early.get(link.position + 1)
      if (next !== undefined) {
        early.delete(link.position + 1)
        follow(link.hash, next, onFinding)
      }
      keep(seen, link.position, link.hash)
    },
    followed: () => followed,
  }
}

function keep<T>(map: Map<number, T>, position: number, value: T): void {
  map.set(position, value)
  if (map.size <= kept) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
