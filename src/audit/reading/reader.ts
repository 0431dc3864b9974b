import type { DbOrTx } from '../../db/database.ts'
import type { Details } from '../event.ts'
import { record } from '../record.ts'
import type { EventFilter } from './store.ts'

/** Who reads the audit log, and what of it is theirs to see. */
export interface Reader {
  /** As the audit names them. */
  readonly by: string
  /** Ids of organisations; undefined: all events, also those that are about none. */
  readonly organisations: readonly string[] | undefined
  /** The one that was asked for, if one was. */
  readonly organisation?: string | undefined
}

/** That the log was read is an event like any other. */
export async function recordReading(
  db: DbOrTx,
  { by, organisation }: Reader,
  action: 'audit.read' | 'audit.exported',
  outcome: string,
  filter: EventFilter,
  more: Details,
  now: Date,
): Promise<void> {
  const given = Object.entries({ ...filter, organisation }).flatMap(
    ([name, value]: [string, unknown]) => (typeof value === 'string' ? [[name, value]] : []),
  )
  await record(db, {
    at: now,
    actor: by,
    action,
    objectKind: 'audit',
    objectId: 'events',
    outcome,
    details: { ...Object.fromEntries(given), ...more },
  })
}
