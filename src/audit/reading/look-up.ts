import type { Db } from '../../db/database.ts'
import type { AuditPage } from '../../types.gen.ts'
import { recordReading, type Reader } from './reader.ts'
import { listFiltered, type EventFilter } from './store.ts'
import { viewOf } from './view.ts'

export type { EventFilter } from './store.ts'

export interface ReadingDeps {
  readonly db: Db
  readonly now: () => Date
}

/** A page of events, newest first. `next` is the `before` of the page after it. */
export async function lookUpEvents(
  { db, now }: ReadingDeps,
  reader: Reader,
  filter: EventFilter,
  page: { readonly limit: number; readonly before: string | undefined },
): Promise<AuditPage> {
  const found = await listFiltered(
    db,
    reader.organisations,
    filter,
    'newest',
    page.before,
    page.limit + 1,
  )
  const items = found.slice(0, page.limit).map(viewOf)
  await recordReading(
    db,
    reader,
    'audit.read',
    'succeeded',
    filter,
    { events: items.length },
    now(),
  )
  return { items, next: found.length > page.limit ? (items.at(-1)?.id ?? null) : null }
}
