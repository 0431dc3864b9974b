import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { formatHead } from '../chain/head-text.ts'
import { noHash } from '../digests.ts'
import type { Details, Head } from '../event.ts'
import { createLineFormat, type ExportFormat } from './export-format.ts'
import { recordReading, type Reader, type ReadingDeps } from './reader.ts'
import {
  findCompleteUntil,
  findLink,
  listChain,
  listFiltered,
  type EventFilter,
  type ReadEvent,
} from './store.ts'

const batchSize = 500

export interface Export {
  readonly lines: AsyncGenerator<string, void>
  /**
   * Up to where the export is complete, as the `cursor` or `from` of the next one: a head of the
   * chain, or a time.
   */
  readonly end: string
}

/**
 * Exports events as text. It reads a few hundred at a time, as the client takes them, so that
 * neither a large log nor a slow client holds memory, a connection or a transaction. The audit log
 * records the export before its first line, and how it ended afterwards.
 *
 * Without a filter, for a reader of all events: the chain, in its order, up to its head. Otherwise
 * events by time, up to now. Such an export is complete up to `end`; the next one, from there on,
 * misses nothing, and repeats the events that came later.
 * @param after  the end of the previous export
 * @throws BrokerError `invalid_request` for a filter together with `after`, and for a `to` too
 * close to now; `conflict` for an `after` of another chain
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
  const { end, readNext } = isWhole
    ? await readChain(deps.db, after)
    : await readByTime(deps, reader, filter)
  const details = {
    format,
    ...(after === undefined ? {} : { after: formatHead(after) }),
    end,
  }
  const recordExport = (outcome: string, more: Details = {}) =>
    recordReading(deps, reader, {
      action: 'audit.exported',
      outcome,
      filter,
      details: { ...details, ...more },
    })
  await recordExport('accepted')
  return { lines: writeLines(format, readNext, recordExport), end }
}

interface Source {
  readonly end: string
  readNext(last: ReadEvent | undefined): Promise<ReadEvent[]>
}

async function readChain(db: Db, after: Head = { position: 0, hash: noHash }): Promise<Source> {
  const linked =
    after.position === 0 ? { position: 0, hash: noHash } : await findLink(db, after.position)
  if (linked?.hash.equals(after.hash) !== true)
    throw new BrokerError(
      'conflict',
      `The chain has no position ${after.position} with the hash that cursor names. ` +
        'Is this another database, or one that was set back?',
    )
  const head = (await findLink(db)) ?? linked
  return {
    end: formatHead(head),
    readNext: (last) =>
      listChain(db, last?.link?.position ?? after.position, head.position, batchSize),
  }
}

async function readByTime(
  { db, now }: ReadingDeps,
  { organisations }: Reader,
  filter: EventFilter,
): Promise<Source> {
  const complete = (await findCompleteUntil(db)).toISOString()
  if (filter.to !== undefined && filter.to > complete)
    throw new BrokerError(
      'invalid_request',
      `to must not be after ${complete}: later events may still be written. ` +
        'Leave it out to export the present events, or ask again later.',
    )
  const until = { ...filter, to: filter.to ?? now().toISOString() }
  return {
    end: filter.to ?? complete,
    readNext: (last) => listFiltered(db, organisations, until, 'oldest', last?.event.id, batchSize),
  }
}

async function* writeLines(
  format: ExportFormat,
  readNext: Source['readNext'],
  recordExport: (outcome: string, details: Details) => Promise<void>,
): AsyncGenerator<string, void> {
  const { header, lineOf } = createLineFormat(format)
  let events = 0
  let isWhole = false
  try {
    if (header !== undefined) yield header
    let last: ReadEvent | undefined
    do {
      const batch = await readNext(last)
      if (batch.length > 0) yield batch.map(lineOf).join('')
      events += batch.length
      last = batch.length < batchSize ? undefined : batch.at(-1)
    } while (last !== undefined)
    isWhole = true
  } finally {
    // A client that disconnects has read events too.
    await recordExport(isWhole ? 'succeeded' : 'broken off', { events })
  }
}
