import type { AuditEventView } from '../../types.gen.ts'
import { validatorOf } from '../../schemas.ts'
import { eventHashOf, linkHashOf, noHash } from '../digests.ts'
import type { Head } from '../event.ts'

export interface Checked {
  readonly events: number
  /** Of how many the event before was there too, so that their hash could be computed. */
  readonly followed: number
  readonly findings: number
}

export interface CheckOptions {
  readonly noted?: Head | undefined
  readonly onFinding: (sentence: string) => void
}

/**
 * Computes the hashes of an export anew, from its lines alone. An event can be checked if the one of the position before
 * is in the export, so all of them can if nothing was left out; events lie by time, which is not quite the order of linking, so
 * hashes are kept until their follower has come.
 */
export async function checkExport (lines: AsyncIterable<string>, { noted, onFinding }: CheckOptions): Promise<Checked> {
  const isEvent = validatorOf('audit-event')
  const seen = new Map<number, Buffer>([[0, noHash]])
  const early = new Map<number, AuditEventView>()
  const told = { events: 0, followed: 0, findings: 0 }
  const find = (sentence: string): void => {
    told.findings += 1
    onFinding(sentence)
  }

  const follow = (view: AuditEventView, position: number, before: Buffer): void => {
    seen.delete(position - 1)
    told.followed += 1
    if (!hashOf(view, position, before).equals(Buffer.from(view.hash ?? '', 'hex'))) find(`Changed: position ${position}, event ${view.id} does not have its hash.`)
  }

  for await (const line of lines) {
    if (line === '') continue
    told.events += 1
    const view = parsed(line)
    if (!isEvent(view)) {
      find(`Line ${told.events} is no event.`)
      continue
    }
    const { position, hash } = view
    if (position === null || hash === null) continue
    const own = Buffer.from(hash, 'hex')
    if (noted?.position === position && !noted.hash.equals(own)) find(`Position ${position} is not the one that was noted: its hash was another.`)
    const before = seen.get(position - 1)
    if (before === undefined) early.set(position, view)
    else follow(view, position, before)
    const next = early.get(position + 1)
    if (next === undefined) seen.set(position, own)
    else {
      early.delete(position + 1)
      follow(next, position + 1, own)
    }
  }
  return told
}

function hashOf (view: AuditEventView, position: number, before: Buffer): Buffer {
  const { mac, linkedAt, ...event } = view
  const eventHash = eventHashOf({ ...event, mac: mac === null ? null : Buffer.from(mac, 'hex') })
  return linkHashOf(before, { position, eventId: view.id, linkedAt: linkedAt ?? '', eventHash })
}

function parsed (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
