import { linkHashOf } from '../digests.ts'
import type { Link } from '../event.ts'

/** A link as a file tells it, with the hash of the event computed from its line. */
export type ReportedLink = Omit<Link, 'seal'>

/** Follows the links of a file, line by line. */
export interface Walk {
  look(link: ReportedLink, onFinding: (sentence: string) => void): void
  /** How many were computed anew, since the one before was there. */
  followed(): number
}

/** What is wrong with a link that comes after the hash `before`; undefined: nothing. */
export function reportChange(before: Buffer, link: ReportedLink): string | undefined {
  return linkHashOf(before, link).equals(link.hash)
    ? undefined
    : `Changed: position ${link.position}, event ${link.eventId} does not have its hash.`
}
