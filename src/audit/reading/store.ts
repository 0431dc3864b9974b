import { sql, type ExpressionBuilder, type RawBuilder } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { DB } from '../../db/schema.gen.ts'
import type { Link, StoredEvent } from '../event.ts'
import { eventColumns, eventOf, exactly } from '../store.ts'

export interface EventFilter {
  /** From then on. */
  readonly from?: string | undefined
  /** Before that. */
  readonly to?: string | undefined
  readonly objectKind?: string | undefined
  readonly objectId?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly outcome?: string | undefined
}

/** An event as it is read, with its place in the chain once it has one. */
export interface ReadEvent {
  readonly event: StoredEvent
  readonly link: Pick<Link, 'position' | 'linkedAt' | 'hash'> | undefined
}

type Order = 'oldest' | 'newest'

/**
 * Events by time.
 * @param organisations  those whose events may be seen; undefined: all
 * @param beyond  the event that the page before ended with; nothing is beyond one that may not be seen, or that there is not
 */
export async function listFiltered (db: Db, organisations: readonly string[] | undefined, filter: EventFilter, order: Order, beyond: string | undefined, limit: number): Promise<ReadEvent[]> {
  const direction = order === 'oldest' ? 'asc' : 'desc'
  let query = db.selectFrom('audit_events').leftJoin('audit_links', 'audit_links.event_id', 'audit_events.id')
    .select(eventColumns).select(exactly('audit_events.at').as('exact_at'))
    .select(['audit_links.position', 'audit_links.hash']).select(exactly('audit_links.linked_at').as('linked_at'))
    .where((by) => by.and(conditionsOf(by, organisations, filter)))
  if (beyond !== undefined) {
    const place = sql`(audit_events.at, audit_events.id)`
    const last = sql`(select at, id from audit_events where id = ${beyond} and ${seenBy(organisations)})`
    query = query.where(order === 'oldest' ? sql<boolean>`${place} > ${last}` : sql<boolean>`${place} < ${last}`)
  }
  const rows = await query.orderBy('audit_events.at', direction).orderBy('audit_events.id', direction).limit(limit).execute()
  return rows.map((row) => ({
    event: eventOf(row),
    link: row.position === null || row.hash === null ? undefined : { position: Number(row.position), linkedAt: row.linked_at, hash: row.hash }
  }))
}

function seenBy (organisations: readonly string[] | undefined): RawBuilder<boolean> {
  if (organisations === undefined) return sql<boolean>`true`
  // Of one organisation the index gives them in order.
  return organisations.length === 1 ? sql<boolean>`audit_events.organisation_id = ${organisations[0]}::uuid` : sql<boolean>`audit_events.organisation_id = any(${organisations}::uuid[])`
}

function conditionsOf (by: ExpressionBuilder<DB, 'audit_events'>, organisations: readonly string[] | undefined, filter: EventFilter) {
  const { from, to, objectKind, objectId, actor, action, outcome } = filter
  return [
    seenBy(organisations),
    ...(from === undefined ? [] : [by('audit_events.at', '>=', sql<Date>`${from}::timestamptz`)]),
    ...(to === undefined ? [] : [by('audit_events.at', '<', sql<Date>`${to}::timestamptz`)]),
    ...(objectKind === undefined ? [] : [by('audit_events.object_kind', '=', objectKind)]),
    ...(objectId === undefined ? [] : [by('audit_events.object_id', '=', objectId)]),
    ...(actor === undefined ? [] : [by('audit_events.actor', '=', actor)]),
    ...(action === undefined ? [] : [by('audit_events.action', '=', action)]),
    ...(outcome === undefined ? [] : [by('audit_events.outcome', '=', outcome)])
  ]
}
