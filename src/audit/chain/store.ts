import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { Link, StoredEvent } from '../event.ts'
import { eventColumns, eventOf, exactTimeOf, type EventRow } from '../store.ts'

export async function listEvents(tx: Tx, ids: readonly string[]): Promise<StoredEvent[]> {
  const rows = await tx
    .selectFrom('audit_events')
    .select(eventColumns)
    .select(exactTimeOf('audit_events.at').as('exact_at'))
    .where(sql<boolean>`audit_events.id = any(${ids}::bigint[])`)
    .orderBy('audit_events.id')
    .execute()
  return rows.map(eventOf)
}

export async function insertLinks(tx: Tx, links: readonly Link[]): Promise<void> {
  await sql`insert into audit_links (position, event_id, linked_at, event_hash, hash, seal)
    select * from unnest(
      ${links.map(({ position }) => position)}::bigint[],
      ${links.map(({ eventId }) => eventId)}::bigint[],
      ${links.map(({ linkedAt }) => linkedAt)}::timestamptz[],
      ${links.map(({ eventHash }) => eventHash)}::bytea[],
      ${links.map(({ hash }) => hash)}::bytea[],
      ${links.map(({ seal }) => seal)}::bytea[])`.execute(tx)
}

export interface LinkedEvent {
  readonly link: Link
  /** null: the event was deleted. */
  readonly event: StoredEvent | null
}

/** Links with their events, by position: those after `after`, up to `upTo`. */
export async function listLinks(
  db: Db,
  after: number,
  upTo: number,
  limit: number,
): Promise<LinkedEvent[]> {
  const rows = await db
    .selectFrom('audit_links')
    .leftJoin('audit_events', 'audit_events.id', 'audit_links.event_id')
    .select([
      'audit_links.position',
      'audit_links.event_id',
      'audit_links.event_hash',
      'audit_links.hash',
      'audit_links.seal',
    ])
    .select(exactTimeOf('audit_links.linked_at').as('linked_at'))
    .select(eventColumns)
    .select(exactTimeOf('audit_events.at').as('exact_at'))
    .where('audit_links.position', '>', String(after))
    .where('audit_links.position', '<=', String(upTo))
    .orderBy('audit_links.position')
    .limit(limit)
    .execute()
  return rows.map(
    ({
      position,
      event_id: eventId,
      event_hash: eventHash,
      hash,
      seal,
      linked_at: linkedAt,
      ...event
    }) => ({
      link: { position: Number(position), eventId, eventHash, hash, seal, linkedAt },
      // An outer join gives either every column of the event or none.
      event: event.id === null ? null : eventOf(event as EventRow),
    }),
  )
}

/**
 * The last id of the next `length` events after the id `after`.
 * @returns undefined when there are no more events
 */
export async function findRangeEnd(
  db: Db,
  after: string,
  length: number,
): Promise<string | undefined> {
  const {
    rows: [row],
  } = await sql<{ end: string | null }>`
    select max(id) as end from (
      select id from audit_events where id > ${after} order by id limit ${length}
    ) as batch`.execute(db)
  return row?.end ?? undefined
}

export interface UnlinkedEvent {
  readonly event: StoredEvent
  /** Whether it waits to be linked. */
  readonly isQueued: boolean
}

/** Events without a link, by id: those after `after`, up to `upTo`. */
export async function listUnlinked(db: Db, after: string, upTo: string): Promise<UnlinkedEvent[]> {
  const rows = await db
    .selectFrom('audit_events')
    .leftJoin('audit_unlinked', 'audit_unlinked.event_id', 'audit_events.id')
    .select(eventColumns)
    .select(exactTimeOf('audit_events.at').as('exact_at'))
    .select(sql<boolean>`audit_unlinked.event_id is not null`.as('is_queued'))
    .where('audit_events.id', '>', after)
    .where('audit_events.id', '<=', upTo)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit_links')
            .select('position')
            .whereRef('audit_links.event_id', '=', 'audit_events.id'),
        ),
      ),
    )
    .orderBy('audit_events.id')
    .execute()
  return rows.map((row) => ({ event: eventOf(row), isQueued: row.is_queued }))
}

/** Ids of events that are copies of an earlier one: those after `after`, up to `upTo`. */
export async function listCopies(db: Db, after: string, upTo: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select copy.id from audit_events as copy where copy.id > ${after} and copy.id <= ${upTo}
      and exists (select from audit_events as other
        where other.uid = copy.uid and other.id < copy.id)
    order by copy.id`.execute(db)
  return rows.map(({ id }) => id)
}
