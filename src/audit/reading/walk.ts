import { linkHashOf } from '../digests.ts'
import type { Link } from '../event.ts'

/** A link as a line of a file states it, with the hash of the event computed from the line. */
export type ReportedLink = Omit<Link, 'seal'>

/** Checks the links of a file, line by line. */
export interface Walk {
  check(link: ReportedLink, onFinding: (sentence: string) => void): void
  /** How many links were compared with the link before, because the file has both. */
  followed(): number
}

/**
 * @param before  the hash of the link before
 * @returns what is wrong with the link; undefined: nothing
 */
export function describeChange(before: Buffer, link: ReportedLink): string | undefined {
  return linkHashOf(before, link).equals(link.hash)
    ? undefined
    : `Changed: position ${link.position}, event ${link.eventId} does not have its hash.`
}
