import { sql } from 'kysely'
import type { Db, Tx } from '../../../db/database.ts'

export interface QueuedEvent {
  readonly id: string
  /** Linked already: it only leaves the queue. */
  readonly isLinked: boolean
}

// Looked up for each event. Of a join Postgres would pass over all links up to the newest: it takes
// the events that wait for as old as those that waited when it last looked.
const isLinked = sql<boolean>`(select position from audit_links
  where audit_links.event_id = audit_unlinked.event_id) is not null`.as('is_linked')

/** The events that wait to be linked, in the order of their ids. */
export async function listQueued(tx: Tx, limit: number): Promise<QueuedEvent[]> {
  const rows = await tx
    .selectFrom('audit_unlinked')
    .select(['event_id', isLinked])
    .where('lost', '=', false)
    .orderBy('event_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.event_id, isLinked: row.is_linked }))
}

/** Ids of events that wait to be linked although they are part of the chain. */
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

/**
 * @param linked  ids of events that leave the queue
 * @param missing  ids of events that were deleted before they were linked; they stay, marked as
 * lost
 */
export async function removeQueued(
  tx: Tx,
  linked: readonly string[],
  missing: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('audit_unlinked')
    .where(sql<boolean>`event_id = any(${linked}::bigint[])`)
    .execute()
  if (missing.length > 0)
    await tx
      .updateTable('audit_unlinked')
      .set({ lost: true })
      .where(sql<boolean>`event_id = any(${missing}::bigint[])`)
      .execute()
}

export interface Unlinked {
  readonly count: number
  /** How long the oldest event has waited, by the database's clock. */
  readonly oldestSeconds: number
}

export async function countUnlinked(db: Db): Promise<Unlinked> {
  return db
    .selectFrom('audit_unlinked')
    .where('lost', '=', false)
    .select([
      sql<number>`count(*)::int`.as('count'),
      sql<number>`coalesce(extract(epoch from now() - min(since)), 0)::float8`.as('oldestSeconds'),
    ])
    .executeTakeFirstOrThrow()
}

/**
 * How long the first event of the queue has waited, by the database's clock; undefined: none waits.
 * One row by the primary key, however long the queue is.
 */
export async function findFirstWaitSeconds(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('audit_unlinked')
    .where('lost', '=', false)
    .select(sql<number>`extract(epoch from now() - since)::float8`.as('seconds'))
    .orderBy('event_id')
    .limit(1)
    .executeTakeFirst()
  return row?.seconds
}

/** Ids of events that were deleted before they were linked. */
export async function listMissing(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('audit_unlinked')
    .leftJoin('audit_events', 'audit_events.id', 'audit_unlinked.event_id')
    .select('audit_unlinked.event_id')
    .where('audit_events.id', 'is', null)
    .orderBy('audit_unlinked.event_id')
    .execute()
  return rows.map((row) => row.event_id)
}
