import type { Head } from '../event.ts'
import { describeChange, type Walk } from './walk.ts'

/** Checks a complete export: each line must have the next position. */
export function checkWhole(after: Head): Walk {
  let { position, hash } = after
  let followed = 0
  return {
    check(link, onFinding) {
      if (link.position <= position)
        return onFinding(
          `Inserted: position ${link.position}, event ${link.eventId} comes after ` +
            `position ${position}.`,
        )
      const first = position + 1
      if (link.position === first) {
        followed += 1
        const change = describeChange(hash, link)
        if (change !== undefined) onFinding(change)
      } else {
        const last = link.position - 1
        onFinding(`Removed: position ${first === last ? first : `${first} to ${last}`} is missing.`)
      }
      position = link.position
      hash = link.hash
    },
    followed: () => followed,
  }
}
