import type { AuditEventView } from '../../types.gen.ts'
import { csvRecord } from './csv.ts'
import type { ReadingDeps } from './look-up.ts'
import { recordReading, type Reader } from './reader.ts'
import { listFiltered, type EventFilter } from './store.ts'
import { viewOf } from './view.ts'

export type ExportFormat = 'jsonl' | 'csv'

const columns = [
  'position', 'id', 'at', 'actor', 'action', 'objectKind', 'objectId', 'outcome', 'organisationId', 'platformId', 'providerId', 'instanceId', 'details', 'uid', 'mac', 'linkedAt', 'hash'
] as const satisfies ReadonlyArray<keyof AuditEventView>

const atATime = 500

/**
 * All events of a filter up to now, oldest first, as text. They are read a few hundred at a time as the text is taken, so
 * that neither a large log nor a slow reader holds memory, a connection or a transaction. It is recorded before the first
 * of them is given, and how it ended afterwards.
 */
export async function exportEvents (deps: ReadingDeps, reader: Reader, filter: EventFilter, format: ExportFormat): Promise<AsyncGenerator<string, void>> {
  const now = deps.now()
  const bounded = { ...filter, to: filter.to ?? now.toISOString() }
  await recordReading(deps.db, reader, 'export audit', 'accepted', filter, { format }, now)
  return write(deps, reader, filter, bounded, format)
}

async function * write (deps: ReadingDeps, reader: Reader, asked: EventFilter, filter: EventFilter, format: ExportFormat): AsyncGenerator<string, void> {
  let events = 0
  let isWhole = false
  try {
    if (format === 'csv') yield csvRecord(columns)
    let last: string | undefined
    do {
      const found = await listFiltered(deps.db, reader.organisations, filter, 'oldest', last, atATime)
      if (found.length > 0) yield found.map((each) => format === 'csv' ? csvOf(viewOf(each)) : `${JSON.stringify(viewOf(each))}\n`).join('')
      events += found.length
      last = found.length < atATime ? undefined : found.at(-1)?.event.id
    } while (last !== undefined)
    isWhole = true
  } finally {
    // Who hangs up has read something too.
    await recordReading(deps.db, reader, 'export audit', isWhole ? 'succeeded' : 'broken off', asked, { format, events }, deps.now())
  }
}

function csvOf (view: AuditEventView): string {
  return csvRecord(columns.map((column) => column === 'details' ? view.details === null ? null : JSON.stringify(view.details) : view[column]))
}
