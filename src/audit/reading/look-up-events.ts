import type { AuditPage } from '../../types.gen.ts'
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
): Promise<AuditPage> {
  const { organisations } = reader
  const events = await listFiltered(
    deps.db,
    organisations,
    filter,
    'newest',
    page.before,
    page.limit + 1,
  )
  const items = events.slice(0, page.limit).map(viewOf)
  await recordReading(deps, reader, {
    action: 'audit.read',
    outcome: 'succeeded',
    filter,
    details: { events: items.length },
  })
  return { items, next: events.length > page.limit ? (items.at(-1)?.id ?? null) : null }
}
