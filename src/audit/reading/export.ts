import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { AuditEventView } from '../../types.gen.ts'
import { noteOf } from '../chain/note.ts'
import { noHash } from '../digests.ts'
import type { Details, Head } from '../event.ts'
import { csvRecord } from './csv.ts'
import type { ReadingDeps } from './look-up.ts'
import { recordReading, type Reader } from './reader.ts'
import {
  findCompleteUntil,
  findLink,
  listChain,
  listFiltered,
  type EventFilter,
  type ReadEvent,
} from './store.ts'
import { viewOf } from './view.ts'

export type ExportFormat = 'jsonl' | 'csv'

const columns = [
  'position',
  'id',
  'at',
  'actor',
  'action',
  'objectKind',
  'objectId',
  'outcome',
  'organisationId',
  'platformId',
  'providerId',
  'instanceId',
  'details',
  'uid',
  'mac',
  'linkedAt',
  'hash',
] as const satisfies ReadonlyArray<keyof AuditEventView>

const atATime = 500

export interface Export {
  readonly lines: AsyncGenerator<string, void>
  /** How far nothing is missing, as the next export's `cursor` or `from`: a head of the chain, or a time. */
  readonly end: string
}

/**
 * Events as text. They are read a few hundred at a time as the text is taken, so that neither a large log nor a slow reader
 * holds memory, a connection or a transaction. It is recorded before the first of them is given, and how it ended afterwards.
 *
 * Without a filter, for who sees all: the chain, in its order, as far as it goes now. Otherwise by time, up to now; it is complete
 * only up to `end`, and the next one, from there on, misses nothing but repeats what came after.
 * @param after  the head that the export before ended with
 * @throws BrokerError `invalid_request` for a filter beside `after` and a `to` too close to now, `conflict` for another chain
 */
export async function exportEvents(
  deps: ReadingDeps,
  reader: Reader,
  filter: EventFilter,
  format: ExportFormat,
  after?: Head,
): Promise<Export> {
  const isWhole =
    reader.organisations === undefined &&
    Object.values(filter).every((value) => value === undefined)
  if (after !== undefined && !isWhole)
    throw new BrokerError(
      'invalid_request',
      'cursor excludes filters, and needs access to the whole audit log.',
    )
  const { end, next } = isWhole ? await chainOf(deps.db, after) : await timeOf(deps, reader, filter)
  const told = { format, ...(after === undefined ? {} : { after: noteOf(after) }), end }
  await recordReading(deps.db, reader, 'audit.exported', 'accepted', filter, told, deps.now())
  return { lines: write(deps, reader, filter, told, next), end }
}

type Next = (last: ReadEvent | undefined) => Promise<ReadEvent[]>

async function chainOf(
  db: Db,
  after: Head = { position: 0, hash: noHash },
): Promise<{ end: string; next: Next }> {
  const linked =
    after.position === 0 ? { position: 0, hash: noHash } : await findLink(db, after.position)
  if (linked?.hash.equals(after.hash) !== true)
    throw new BrokerError(
      'conflict',
      `The chain has no position ${after.position} with the hash that cursor names. Is this another database, or one that was set back?`,
    )
  const head = (await findLink(db)) ?? linked
  return {
    end: noteOf(head),
    next: (last) => listChain(db, last?.link?.position ?? after.position, head.position, atATime),
  }
}

async function timeOf(
  { db, now }: ReadingDeps,
  reader: Reader,
  filter: EventFilter,
): Promise<{ end: string; next: Next }> {
  const complete = (await findCompleteUntil(db)).toISOString()
  if (filter.to !== undefined && filter.to > complete)
    throw new BrokerError(
      'invalid_request',
      `to must not be after ${complete}: of what is later, more may still come. Leave it out to see what is there by now, or ask again later.`,
    )
  const to = filter.to ?? now().toISOString()
  return {
    end: filter.to ?? complete,
    next: (last) =>
      listFiltered(db, reader.organisations, { ...filter, to }, 'oldest', last?.event.id, atATime),
  }
}

async function* write(
  deps: ReadingDeps,
  reader: Reader,
  filter: EventFilter,
  told: Details & { readonly format: ExportFormat },
  next: Next,
): AsyncGenerator<string, void> {
  let events = 0
  let isWhole = false
  try {
    if (told.format === 'csv') yield csvRecord(columns)
    let last: ReadEvent | undefined
    do {
      const found = await next(last)
      if (found.length > 0)
        yield found
          .map((each) =>
            told.format === 'csv' ? csvOf(viewOf(each)) : `${JSON.stringify(viewOf(each))}\n`,
          )
          .join('')
      events += found.length
      last = found.length < atATime ? undefined : found.at(-1)
    } while (last !== undefined)
    isWhole = true
  } finally {
    // Who hangs up has read something too.
    await recordReading(
      deps.db,
      reader,
      'audit.exported',
      isWhole ? 'succeeded' : 'broken off',
      filter,
      { ...told, events },
      deps.now(),
    )
  }
}

function csvOf(view: AuditEventView): string {
  return csvRecord(
    columns.map((column) =>
      column === 'details'
        ? view.details === null
          ? null
          : JSON.stringify(view.details)
        : view[column],
    ),
  )
}
