import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { Head, Link, StoredEvent } from '../event.ts'
import { eventColumns, eventOf, exactTimeOf } from '../store.ts'
import { conditionsOf, isVisibleTo, type EventFilter } from './conditions/store.ts'

export type { EventFilter } from './conditions/store.ts'

/** An event with its link, once it has one. */
export interface ReadEvent {
  readonly event: StoredEvent
  readonly link: Pick<Link, 'position' | 'linkedAt' | 'hash'> | undefined
}

type Order = 'oldest' | 'newest'

/**
 * Lists events by time.
 * @param organisations  ids of the organisations whose events are visible; undefined: all events
 * @param after  id of the last event of the previous page. The page is empty if that event does
 * not exist or is not visible
 */
export async function listFiltered(
  db: Db,
  organisations: readonly string[] | undefined,
  filter: EventFilter,
  order: Order,
  after: string | undefined,
  limit: number,
): Promise<ReadEvent[]> {
  const direction = order === 'oldest' ? 'asc' : 'desc'
  let query = db
    .selectFrom('audit_events')
    .leftJoin('audit_links', 'audit_links.event_id', 'audit_events.id')
    .select(eventColumns)
    .select(exactTimeOf('audit_events.at').as('exact_at'))
    .select(['audit_links.position', 'audit_links.hash'])
    .select(exactTimeOf('audit_links.linked_at').as('linked_at'))
    .where((by) => by.and(conditionsOf(by, organisations, filter)))
  if (after !== undefined) {
    const own = sql`(audit_events.at, audit_events.id)`
    const last = sql`(select at, id from audit_events
      where id = ${after} and ${isVisibleTo(organisations)})`
    query = query.where(
      order === 'oldest' ? sql<boolean>`${own} > ${last}` : sql<boolean>`${own} < ${last}`,
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

/**
 * The newest event about an object with this action and outcome.
 * @param wanted  with `platformId` only at that platform; null: at none
 */
export async function findNewest(
  db: Db,
  wanted: {
    readonly objectKind: string
    readonly objectId: string
    readonly platformId?: string | null
    readonly action: string
    readonly outcome: string
  },
): Promise<ReadEvent | undefined> {
  const { platformId, ...filter } = wanted
  const pageSize = 50
  for (let after: string | undefined; ;) {
    const events = await listFiltered(db, undefined, filter, 'newest', after, pageSize)
    const found = events.find(
      ({ event }) => platformId === undefined || event.platformId === platformId,
    )
    const last = events.at(-1)
    if (found !== undefined || last === undefined || events.length < pageSize) return found
    after = last.event.id
  }
}

/** Lists events by position: those after `after`, up to `upTo`. */
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
    .select(exactTimeOf('audit_events.at').as('exact_at'))
    .select(['audit_links.position', 'audit_links.hash'])
    .select(exactTimeOf('audit_links.linked_at').as('linked_at'))
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

/** @param position  undefined: the last link */
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
 * The time before which no more events appear, in milliseconds: a minute before now and before the
 * start of the oldest transaction that may hold one. An event has the time of its act, which is
 * before the commit and may be before the start of its transaction. Postgres does not show when a
 * transaction of another role began: while one writes events, the time is the beginning of 1970.
 */
export async function findCompleteUntil(db: Db): Promise<Date> {
  const {
    rows: [row],
  } = await sql<{ until: Date }>`
    select case
      when exists (select from pg_locks join pg_stat_activity as hidden using (pid)
        where relation = 'audit_events'::regclass and mode = 'RowExclusiveLock' and granted
          and hidden.backend_type is null) then to_timestamp(0)
      else date_trunc('milliseconds', least(now(), min(xact_start)) - interval '60 s')
      end as until
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'
      and pid <> pg_backend_pid()
      and (backend_xid is not null or application_name like 'kontor%')`.execute(db)
  if (row === undefined) throw new Error('The database returned no time.')
  return row.until
}
