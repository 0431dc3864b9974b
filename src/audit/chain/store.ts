import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { Link, SealedHead, StoredEvent } from '../event.ts'
import { eventColumns, eventOf, exactly, type EventRow } from '../store.ts'

/**
 * The head of the chain, locked for one linker at a time.
 * @returns undefined when another one has it, or there is none
 */
export async function lockHead(tx: Tx): Promise<SealedHead | undefined> {
  const row = await tx
    .selectFrom('audit_head')
    .select(['position', 'hash', 'seal'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : { position: Number(row.position), hash: row.hash, seal: row.seal }
}

/** Only where nothing has ever been linked: a head that is gone must not begin anew. */
export async function insertFirstHead(tx: Tx, head: SealedHead): Promise<void> {
  await sql`insert into audit_head (position, hash, seal) select ${head.position}, ${head.hash}, ${head.seal}
    where not exists (select from audit_links) on conflict do nothing`.execute(tx)
}

export async function hasHead(db: DbOrTx): Promise<boolean> {
  return (await db.selectFrom('audit_head').select('position').executeTakeFirst()) !== undefined
}

export async function moveHead(tx: Tx, head: SealedHead): Promise<void> {
  await tx
    .updateTable('audit_head')
    .set({ position: head.position, hash: head.hash, seal: head.seal })
    .execute()
}

export interface QueuedEvent {
  readonly id: string
  /** Linked already: it must not be linked again, only leave the queue. */
  readonly isLinked: boolean
}

/** The events that wait to be linked, in the order of their ids. */
export async function listQueued(tx: Tx, limit: number): Promise<QueuedEvent[]> {
  const rows = await tx
    .selectFrom('audit_unlinked')
    .leftJoin('audit_links', 'audit_links.event_id', 'audit_unlinked.event_id')
    .select('audit_unlinked.event_id')
    .select(sql<boolean>`audit_links.position is not null`.as('is_linked'))
    .where('lost', '=', false)
    .orderBy('audit_unlinked.event_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.event_id, isLinked: row.is_linked }))
}

/** Ids of events that are part of the chain and wait to be linked all the same. */
export async function listQueuedAgain(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('audit_unlinked')
    .innerJoin('audit_links', 'audit_links.event_id', 'audit_unlinked.event_id')
    .select('audit_unlinked.event_id')
    .orderBy('audit_unlinked.event_id')
    .limit(1_000)
    .execute()
  return rows.map((row) => row.event_id)
}

export async function listEvents(tx: Tx, ids: readonly string[]): Promise<StoredEvent[]> {
  const rows = await tx
    .selectFrom('audit_events')
    .select(eventColumns)
    .select(exactly('audit_events.at').as('exact_at'))
    .where(sql<boolean>`audit_events.id = any(${ids}::bigint[])`)
    .orderBy('audit_events.id')
    .execute()
  return rows.map(eventOf)
}

export async function insertLinks(tx: Tx, links: readonly Link[]): Promise<void> {
  await sql`insert into audit_links (position, event_id, linked_at, event_hash, hash, seal) select * from unnest(
    ${links.map(({ position }) => position)}::bigint[], ${links.map(({ eventId }) => eventId)}::bigint[], ${links.map(({ linkedAt }) => linkedAt)}::timestamptz[],
    ${links.map(({ eventHash }) => eventHash)}::bytea[], ${links.map(({ hash }) => hash)}::bytea[], ${links.map(({ seal }) => seal)}::bytea[])`.execute(
    tx,
  )
}

export async function removeQueued(
  tx: Tx,
  linked: readonly string[],
  lost: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('audit_unlinked')
    .where(sql<boolean>`event_id = any(${linked}::bigint[])`)
    .execute()
  if (lost.length > 0)
    await tx
      .updateTable('audit_unlinked')
      .set({ lost: true })
      .where(sql<boolean>`event_id = any(${lost}::bigint[])`)
      .execute()
}

export interface Awaiting {
  readonly count: number
  /** How long the oldest has waited, by the database's clock. */
  readonly oldestSeconds: number
}

export async function countAwaiting(db: Db): Promise<Awaiting> {
  return db
    .selectFrom('audit_unlinked')
    .where('lost', '=', false)
    .select([
      sql<number>`count(*)::int`.as('count'),
      sql<number>`coalesce(extract(epoch from now() - min(since)), 0)::float8`.as('oldestSeconds'),
    ])
    .executeTakeFirstOrThrow()
}

/** The head and the highest position of a link, as of one moment. */
export async function findHead(
  db: DbOrTx,
): Promise<{ readonly head: SealedHead | undefined; readonly last: number }> {
  const {
    rows: [row],
  } = await sql<{
    position: string | null
    hash: Buffer | null
    seal: Buffer | null
    last: string | null
  }>`
    select position, hash, seal, (select max(position) from audit_links) as last from (select) as nothing left join audit_head on true`.execute(
    db,
  )
  const last = Number(row?.last ?? 0)
  if (row?.position == null || row.hash === null || row.seal === null)
    return { head: undefined, last }
  return { head: { position: Number(row.position), hash: row.hash, seal: row.seal }, last }
}

export interface LinkedEvent {
  readonly link: Link
  /** null: there is no such event any more */
  readonly event: StoredEvent | null
}

/** The links after a position, in their order, with their events. */
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
    .select(exactly('audit_links.linked_at').as('linked_at'))
    .select(eventColumns)
    .select(exactly('audit_events.at').as('exact_at'))
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
      // of an outer join: with the id all of it is there
      event: event.id === null ? null : eventOf(event as EventRow),
    }),
  )
}

/** The id that so many events after `after` end with; undefined: there are no more. */
export async function findStretch(
  db: Db,
  after: string,
  length: number,
): Promise<string | undefined> {
  const {
    rows: [row],
  } = await sql<{
    end: string | null
  }>`select max(id) as end from (select id from audit_events where id > ${after} order by id limit ${length}) as stretch`.execute(
    db,
  )
  return row?.end ?? undefined
}

export interface UnlinkedEvent {
  readonly event: StoredEvent
  /** Whether it is among those that wait to be linked. */
  readonly isAwaited: boolean
}

/** Of the events after `after` up to `upTo`: those without a link. */
export async function listUnlinked(db: Db, after: string, upTo: string): Promise<UnlinkedEvent[]> {
  const rows = await db
    .selectFrom('audit_events')
    .leftJoin('audit_unlinked', 'audit_unlinked.event_id', 'audit_events.id')
    .select(eventColumns)
    .select(exactly('audit_events.at').as('exact_at'))
    .select(sql<boolean>`audit_unlinked.event_id is not null`.as('is_awaited'))
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
  return rows.map((row) => ({ event: eventOf(row), isAwaited: row.is_awaited }))
}

/** Of the events after `after` up to `upTo`: those that are copies of an earlier one. */
export async function listCopies(db: Db, after: string, upTo: string): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select copy.id from audit_events as copy where copy.id > ${after} and copy.id <= ${upTo}
    and exists (select from audit_events as other where other.uid = copy.uid and other.id < copy.id) order by copy.id`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/** Events that were gone before they could be linked. */
export async function listLost(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('audit_unlinked')
    .leftJoin('audit_events', 'audit_events.id', 'audit_unlinked.event_id')
    .select('audit_unlinked.event_id')
    .where('audit_events.id', 'is', null)
    .orderBy('audit_unlinked.event_id')
    .execute()
  return rows.map((row) => row.event_id)
}
