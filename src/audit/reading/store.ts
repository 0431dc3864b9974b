import { sql, type ExpressionBuilder, type RawBuilder } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { DB } from '../../db/schema.gen.ts'
import { formerActionOf } from '../actions.ts'
import type { Head, Link, StoredEvent } from '../event.ts'
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
export async function listFiltered(
  db: Db,
  organisations: readonly string[] | undefined,
  filter: EventFilter,
  order: Order,
  beyond: string | undefined,
  limit: number,
): Promise<ReadEvent[]> {
  const direction = order === 'oldest' ? 'asc' : 'desc'
  let query = db
    .selectFrom('audit_events')
    .leftJoin('audit_links', 'audit_links.event_id', 'audit_events.id')
    .select(eventColumns)
    .select(exactly('audit_events.at').as('exact_at'))
    .select(['audit_links.position', 'audit_links.hash'])
    .select(exactly('audit_links.linked_at').as('linked_at'))
    .where((by) => by.and(conditionsOf(by, organisations, filter)))
  if (beyond !== undefined) {
    const place = sql`(audit_events.at, audit_events.id)`
    const last = sql`(select at, id from audit_events where id = ${beyond} and ${seenBy(organisations)})`
    query = query.where(
      order === 'oldest' ? sql<boolean>`${place} > ${last}` : sql<boolean>`${place} < ${last}`,
    )
  }
  const rows = await query
    .orderBy('audit_events.at', direction)
    .orderBy('audit_events.id', direction)
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    event: eventOf(row),
    link:
      row.position === null || row.hash === null
        ? undefined
        : { position: Number(row.position), linkedAt: row.linked_at, hash: row.hash },
  }))
}

function seenBy(organisations: readonly string[] | undefined): RawBuilder<boolean> {
  if (organisations === undefined) return sql<boolean>`true`
  // Of one organisation the index gives them in order.
  return organisations.length === 1
    ? sql<boolean>`audit_events.organisation_id = ${organisations[0]}::uuid`
    : sql<boolean>`audit_events.organisation_id = any(${organisations}::uuid[])`
}

/** Events in the order of the chain, after one position and up to another. */
export async function listChain(
  db: Db,
  after: number,
  upTo: number,
  limit: number,
): Promise<ReadEvent[]> {
  const rows = await db
    .selectFrom('audit_links')
    .innerJoin('audit_events', 'audit_events.id', 'audit_links.event_id')
    .select(eventColumns)
    .select(exactly('audit_events.at').as('exact_at'))
    .select(['audit_links.position', 'audit_links.hash'])
    .select(exactly('audit_links.linked_at').as('linked_at'))
    .where('audit_links.position', '>', String(after))
    .where('audit_links.position', '<=', String(upTo))
    .orderBy('audit_links.position')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    event: eventOf(row),
    link: { position: Number(row.position), linkedAt: row.linked_at, hash: row.hash },
  }))
}

/** @param position  undefined: the last one */
export async function findLink(db: Db, position?: number): Promise<Head | undefined> {
  const all = db.selectFrom('audit_links').select(['position', 'hash'])
  const row = await (
    position === undefined
      ? all.orderBy('position', 'desc').limit(1)
      : all.where('position', '=', String(position))
  ).executeTakeFirst()
  return row === undefined ? undefined : { position: Number(row.position), hash: row.hash }
}

/**
 * The time before which no event will turn up any more, to the millisecond: a minute before now and before the oldest transaction
 * that may hold one. An event has the time of its act, which is before its transaction is committed and may be before it begins.
 */
export async function findCompleteUntil(db: Db): Promise<Date> {
  const {
    rows: [row],
  } = await sql<{ until: Date }>`
    select date_trunc('milliseconds', least(now(), min(xact_start)) - interval '60 s') as until from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
      and (backend_xid is not null or application_name like 'kontor%')`.execute(db)
  if (row === undefined) throw new Error('The database gave no time.')
  return row.until
}

function conditionsOf(
  by: ExpressionBuilder<DB, 'audit_events'>,
  organisations: readonly string[] | undefined,
  filter: EventFilter,
) {
  const { from, to, objectKind, objectId, actor, action, outcome } = filter
  return [
    seenBy(organisations),
    ...(from === undefined ? [] : [by('audit_events.at', '>=', sql<Date>`${from}::timestamptz`)]),
    ...(to === undefined ? [] : [by('audit_events.at', '<', sql<Date>`${to}::timestamptz`)]),
    ...(objectKind === undefined ? [] : [by('audit_events.object_kind', '=', objectKind)]),
    ...(objectId === undefined ? [] : [by('audit_events.object_id', '=', objectId)]),
    ...(actor === undefined ? [] : [by('audit_events.actor', '=', actor)]),
    ...(action === undefined ? [] : [isAction(by, action)]),
    ...(outcome === undefined ? [] : [by('audit_events.outcome', '=', outcome)]),
  ]
}

/** Stored events keep the action that 0.1 gave them, so a filter by a new name looks for both. */
function isAction(by: ExpressionBuilder<DB, 'audit_events'>, action: string) {
  const isStored = by('audit_events.action', '=', action)
  const former = formerActionOf(action)
  if (former === undefined) return isStored
  const isFormer = by('audit_events.action', '=', former.action)
  return former.objectKind === undefined
    ? isStored.or(isFormer)
    : isStored.or(isFormer.and('audit_events.object_kind', '=', former.objectKind))
}
