import type { Db } from '../../db/database.ts'
import type { Details } from '../event.ts'
import { record } from '../record.ts'
import type { EventFilter } from './store.ts'

export interface ReadingDeps {
  readonly db: Db
  readonly now: () => Date
}

/** A reader of the audit log, and which events are visible to them. */
export interface Reader {
  /** Their name in the audit log. */
  readonly actor: string
  /** Ids of organisations; undefined: all events, also those without an organisation. */
  readonly organisations: readonly string[] | undefined
  /** Id of the organisation that the request is limited to. */
  readonly organisation?: string | undefined
}

interface Reading {
  readonly action: 'audit.read' | 'audit.exported'
  readonly outcome: string
  readonly filter: EventFilter
  readonly details: Details
}

/** Records that the audit log was read, and with which filters. */
export async function recordReading(
  { db, now }: ReadingDeps,
  { actor, organisation }: Reader,
  { action, outcome, filter, details }: Reading,
): Promise<void> {
  const filters = Object.entries({ ...filter, organisation }).flatMap(
    ([name, value]: [string, unknown]) => (typeof value === 'string' ? [[name, value]] : []),
  )
  await record(db, {
    at: now(),
    actor,
    action,
    objectKind: 'audit',
    objectId: 'events',
    outcome,
    details: { ...Object.fromEntries(filters), ...details },
  })
}
