// Who cares for instances, and which of them end soon.
import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { Order } from '../order.ts'
import { orderColumns, orderOf } from '../store.ts'

export interface EndingOrder extends Order {
  readonly endAt: Date
  /** The person who cares for its instance; null: no other one. */
  readonly ownerId: string | null
}

/** Cancelled orders whose instances end within a time, at most `limit`, the first to end first. */
export async function listEndingOrders(
  db: DbOrTx,
  from: Date,
  to: Date,
  after: string | undefined,
  limit: number,
): Promise<EndingOrder[]> {
  const rows = await db
    .selectFrom('orders')
    .innerJoin('platforms', (join) =>
      join
        .onRef('platforms.organisation_id', '=', 'orders.organisation_id')
        .on('platforms.kind', '=', 'console'),
    )
    .innerJoin('instances', (join) =>
      join
        .onRef('instances.instance_id', '=', 'orders.instance_id')
        .onRef('instances.platform_id', '=', 'platforms.id')
        .on('instances.deleted_at', 'is', null),
    )
    .leftJoin('instance_labels', 'instance_labels.instance_key', 'instances.id')
    .select(orderColumns)
    .select('instance_labels.owner_id')
    .where('orders.end_due_at', 'is not', null)
    .where('orders.end_at', '>', from)
    .where('orders.end_at', '<=', to)
    .where(after === undefined ? sql<boolean>`true` : sql<boolean>`orders.id > ${after}::uuid`)
    .orderBy('orders.id')
    .limit(limit)
    .execute()
  return rows.flatMap((row) => {
    const order = orderOf(row)
    return order.endAt === null ? [] : [{ ...order, endAt: order.endAt, ownerId: row.owner_id }]
  })
}

export interface Keepers {
  readonly instanceKey: string
  readonly organisationId: string | null
  /** As the platform has named it, else the platform's id. */
  readonly instance: string
  /** Who has ordered it in the console; null: another platform has. */
  readonly ordererId: string | null
  readonly ownerId: string | null
}

/** Who cares for instances. @param keys  Kontor's ids */
export async function listKeepers(db: DbOrTx, keys: readonly string[]): Promise<Keepers[]> {
  if (keys.length === 0) return []
  return db
    .selectFrom('instances')
    .innerJoin('platforms', 'platforms.id', 'instances.platform_id')
    .leftJoin('orders', (join) =>
      join
        .onRef('orders.instance_id', '=', 'instances.instance_id')
        .onRef('orders.organisation_id', '=', 'platforms.organisation_id')
        .on('platforms.kind', '=', 'console')
        .on('orders.state', '=', 'submitted'),
    )
    .leftJoin('instance_labels', 'instance_labels.instance_key', 'instances.id')
    .select([
      'instances.id as instanceKey',
      'instances.organisation_id as organisationId',
      'orders.submitted_by as ordererId',
      'instance_labels.owner_id as ownerId',
      sql<string>`case when jsonb_typeof(instances.context->'instance_name') = 'string'
        then instances.context->>'instance_name' else instances.instance_id end`.as('instance'),
    ])
    .where('instances.id', 'in', keys)
    .where('instances.deleted_at', 'is', null)
    .execute()
}
