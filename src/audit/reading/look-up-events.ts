import { cutPage, type Page } from '../../cut-page.ts'
import type { AuditEventView } from '../../types.gen.ts'
import { recordReading, type Reader, type ReadingDeps } from './reader.ts'
import { listFiltered, type EventFilter } from './store.ts'
import { viewOf } from './view.ts'

export type { EventFilter } from './store.ts'

/** A page of events, newest first. `next` is the `before` of the next page. */
export async function lookUpEvents(
  deps: ReadingDeps,
  reader: Reader,
  filter: EventFilter,
  page: { readonly limit: number; readonly before: string | undefined },
): Promise<Page<AuditEventView>> {
  const { organisations } = reader
  const events = await listFiltered(
    deps.db,
    organisations,
    filter,
    'newest',
    page.before,
    page.limit + 1,
  )
  const { items, next } = cutPage(events.map(viewOf), page.limit)
  await recordReading(deps, reader, {
    action: 'audit.read',
    outcome: 'succeeded',
    filter,
    details: { events: items.length },
  })
  return { items, next }
}
