import type { AuditEventView } from '../../types.gen.ts'
import { validatorOf } from '../../schemas.ts'
import { eventHashOf, noHash } from '../digests.ts'
import type { Head } from '../event.ts'
import { checkPart } from './check-part.ts'
import { checkWhole } from './check-whole.ts'
import type { ReportedLink } from './walk.ts'

export interface Checked {
  readonly events: number
  /** Of how many the event before was there too, so that their hash could be computed. */
  readonly followed: number
  readonly unlinked: number
  readonly findings: number
  /** What the file says of the highest position in it; undefined: it holds none. */
  readonly head: Head | undefined
}

export interface CheckOptions {
  /** The head that the file before ended with; undefined: this one begins with the first event. */
  readonly after?: Head | undefined
  /** A head that was written down elsewhere: it must be in the file. */
  readonly noted?: Head | undefined
  /** The file was filtered: positions may be missing, and lines lie by time. */
  readonly isPart?: boolean | undefined
  readonly onFinding: (sentence: string) => void
}

/**
 * Computes the hashes of an export anew, from its lines alone and within bounded memory. Of a whole one each line must follow
 * on the one before it; of a part it is looked at as far as events that follow each other are in it.
 */
export async function checkExport(
  lines: AsyncIterable<string>,
  { after = { position: 0, hash: noHash }, noted, isPart = false, onFinding }: CheckOptions,
): Promise<Checked> {
  const isEvent = validatorOf('audit-event')
  const walk = isPart ? checkPart(after) : checkWhole(after)
  const told = { events: 0, unlinked: 0, findings: 0 }
  let head: Head | undefined
  let isNotedSeen = noted === undefined
  const find = (sentence: string): void => {
    told.findings += 1
    onFinding(sentence)
  }

  for await (const line of lines) {
    if (line === '') continue
    told.events += 1
    const view = parsed(line)
    const link = isEvent(view) ? linkOf(view) : undefined
    if (link === undefined) {
      find(`Line ${told.events} is no event.`)
    } else if (link === 'none') {
      told.unlinked += 1
      if (!isPart)
        find(
          `Inserted: line ${told.events} is not linked. An export of the whole log holds only what is.`,
        )
    } else {
      if (noted?.position === link.position) {
        isNotedSeen = true
        if (!noted.hash.equals(link.hash))
          find(`Position ${link.position} is not the one that was noted: its hash was another.`)
      }
      if (link.position > (head?.position ?? -1))
        head = { position: link.position, hash: link.hash }
      walk.look(link, find)
    }
  }
  if (!isNotedSeen)
    find(
      `Position ${noted?.position}, which was noted, is not in the file${head === undefined ? '' : `: it ends with ${head.position}`}.`,
    )
  return { ...told, followed: walk.followed(), head }
}

function linkOf(view: AuditEventView): ReportedLink | 'none' | undefined {
  const { mac, linkedAt, position, hash, ...event } = view
  if (position === null && hash === null) return 'none'
  if (
    position === null ||
    hash === null ||
    linkedAt === null ||
    !Number.isSafeInteger(position) ||
    position < 1
  )
    return undefined
  // The view's other fields are those of the event.
  const eventHash = eventHashOf({ ...event, mac: mac === null ? null : Buffer.from(mac, 'hex') })
  return { position, eventId: view.id, linkedAt, eventHash, hash: Buffer.from(hash, 'hex') }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
