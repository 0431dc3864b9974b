// What tells a reader of orders and instances that something has changed, without reading it.
import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'

/** An instance, with its order if people ordered it. */
export interface Watched {
  /** Null: its organisation orders nothing in the console yet. */
  readonly platformId: string | null
  /** The platform's. */
  readonly instanceId: string
  readonly orderId: string | null
}

/**
 * A short text for each, in the same order, that differs when anything has changed that a timeline
 * shows: in the order, its events, the newest operations and all that go on. One statement for all
 * of them. A poll of a provider that finds nothing new changes none.
 */
export async function readMarks(db: Db, watched: readonly Watched[]): Promise<readonly string[]> {
  const { rows } = await sql<{ mark: string }>`/* planned anew */ select concat_ws(' ',
      (select concat_ws(' ', orders.state, orders.changed_at, orders.end_at) from orders
        where orders.id = wanted.order_id),
      (select order_events.id from order_events where order_events.order_id = wanted.order_id
        order by order_events.id desc limit 1),
      (select md5(string_agg(concat_ws(' ', newest.id, newest.state, newest.retries,
          newest.sent_at, newest.in_doubt_until, newest.finished_at, newest.description,
          newest.refusal), ',' order by newest.id))
        from (select operations.id, operations.state, operations.retries, operations.sent_at,
            operations.in_doubt_until, operations.finished_at, operations.description,
            operations.refusal
          from operations where operations.id in (
            (select recent.id from operations as recent
              where recent.instance_id = wanted.instance_id
                and recent.platform_id = wanted.platform_id
              order by recent.created_at desc, recent.id desc limit 20)
            union select running.id from instances
              join operations as running on running.instance_key = instances.id
                and running.state not in ('succeeded', 'failed')
              where instances.instance_id = wanted.instance_id
                and instances.platform_id = wanted.platform_id)) as newest)) as mark
    from unnest(${watched.map(({ platformId }) => platformId)}::uuid[],
      ${watched.map(({ instanceId }) => instanceId)}::text[],
      ${watched.map(({ orderId }) => orderId)}::uuid[])
      with ordinality as wanted (platform_id, instance_id, order_id, place)
    order by wanted.place`.execute(db)
  return rows.map(({ mark }) => mark)
}
