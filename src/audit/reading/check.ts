import type { AuditEventView } from '../../types.gen.ts'
import { validatorOf } from '../../schemas.ts'
import { eventHashOf, noHash } from '../digests.ts'
import type { Head } from '../event.ts'
import { checkPart } from './check-part.ts'
import { checkWhole } from './check-whole.ts'
import type { ReportedLink } from './walk.ts'

export interface Checked {
  readonly events: number
  /** How many events were compared with the one before, because the file has both. */
  readonly followed: number
  readonly unlinked: number
  readonly findings: number
  /** The highest position in the file, with its hash; undefined: it has no linked event. */
  readonly head: Head | undefined
}

export interface CheckOptions {
  /** The end of the previous export; undefined: this one begins with the first event. */
  readonly after?: Head | undefined
  /** A head that was noted elsewhere: the file must contain it. */
  readonly noted?: Head | undefined
  /** The export was filtered: positions may be missing, and lines are in the order of time. */
  readonly isPart?: boolean | undefined
  readonly onFinding: (sentence: string) => void
}

/**
 * Computes the hashes of an export from its lines alone, within bounded memory. In a complete
 * export each line must continue the line before; in a filtered one only events whose predecessor
 * is in the file can be checked.
 */
export async function checkExport(
  lines: AsyncIterable<string>,
  { after = { position: 0, hash: noHash }, noted, isPart = false, onFinding }: CheckOptions,
): Promise<Checked> {
  const isEvent = validatorOf('audit-event')
  const walk = isPart ? checkPart(after) : checkWhole(after)
  const counts = { events: 0, unlinked: 0, findings: 0 }
  let head: Head | undefined
  let isNotedSeen = noted === undefined
  const find = (sentence: string): void => {
    counts.findings += 1
    onFinding(sentence)
  }

  for await (const line of lines) {
    if (line === '') continue
    counts.events += 1
    const view = parse(line)
    const link = isEvent(view) ? linkOf(view) : undefined
    if (link === undefined) {
      find(`Line ${counts.events} is no event.`)
    } else if (link === 'unlinked') {
      counts.unlinked += 1
      if (!isPart)
        find(
          `Inserted: line ${counts.events} is not linked. ` +
            'An export of the whole log holds only linked events.',
        )
    } else {
      if (noted?.position === link.position) {
        isNotedSeen = true
        if (!noted.hash.equals(link.hash))
          find(`Position ${link.position} is not the one that was noted: its hash was another.`)
      }
      if (link.position > (head?.position ?? -1))
        head = { position: link.position, hash: link.hash }
      walk.check(link, find)
    }
  }
  if (!isNotedSeen) {
    const end = head === undefined ? '' : `: it ends with ${head.position}`
    find(`Position ${noted?.position}, which was noted, is not in the file${end}.`)
  }
  return { ...counts, followed: walk.followed(), head }
}

/** @returns undefined when the fields of the link do not belong together */
function linkOf(view: AuditEventView): ReportedLink | 'unlinked' | undefined {
  const { mac, linkedAt, position, hash, ...event } = view
  if (position === null && hash === null) return 'unlinked'
  if (
    position === null ||
    hash === null ||
    linkedAt === null ||
    !Number.isSafeInteger(position) ||
    position < 1
  )
    return undefined
  const eventHash = eventHashOf({ ...event, mac: mac === null ? null : Buffer.from(mac, 'hex') })
  return { position, eventId: view.id, linkedAt, eventHash, hash: Buffer.from(hash, 'hex') }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
