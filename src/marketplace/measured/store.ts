import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'

export interface DeliveryRow {
  readonly planId: string
  /** Orders that have ended, at most `maxOrders`. */
  readonly orders: number
  /** Organisations, or platforms without one, that these are of, besides those of the reader. */
  readonly others: number
  readonly failed: number
  /** Of those that succeeded, from the order to its end; null without one. */
  readonly medianSeconds: number | null
  readonly p90Seconds: number | null
}

/**
 * What the last orders of each of these plans took; a plan without any has no row.
 * @param ownOrganisations  ids of those of the reader
 */
export async function listDeliveries(
  db: Db,
  planIds: readonly string[],
  ownOrganisations: readonly string[],
  maxOrders: number,
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select asked.plan_id as "planId",
      count(*)::int as orders,
      (count(distinct ordered.orderer)
        filter (where ordered.orderer <> all(${ownOrganisations}::uuid[])))::int as others,
      (count(*) filter (where ordered.state = 'failed'))::int as failed,
      percentile_cont(0.5) within group (order by ordered.seconds)
        filter (where ordered.state = 'succeeded') as "medianSeconds",
      percentile_cont(0.9) within group (order by ordered.seconds)
        filter (where ordered.state = 'succeeded') as "p90Seconds"
    from unnest(${planIds}::uuid[]) as asked (plan_id)
    cross join lateral (
      select operations.state, ordered_instance.orderer,
        extract(epoch from operations.finished_at - operations.created_at)::float8 as seconds
      from (
        select instances.id, instances.instance_id, instances.platform_id,
          coalesce(instances.organisation_id, platforms.organisation_id, platforms.id) as orderer
        from instances join platforms on platforms.id = instances.platform_id
        where instances.plan_id = asked.plan_id
        order by instances.id desc limit ${maxOrders}
      ) as ordered_instance
      join operations on operations.instance_id = ordered_instance.instance_id
        and operations.platform_id = ordered_instance.platform_id
        and operations.instance_key = ordered_instance.id
        and operations.kind = 'provision'
        and operations.state in ('succeeded', 'failed')
        and operations.finished_at is not null
    ) as ordered
    group by asked.plan_id`.execute(db)
  return rows
}

export interface UseRow {
  readonly planId: string
  readonly organisationId: string
  readonly instances: number
}

/**
 * How many instances of each of these plans each of these organisations has; one that was ordered
 * before its platform had an organisation counts for that of the platform.
 */
export async function listUses(
  db: Db,
  planIds: readonly string[],
  organisationIds: readonly string[],
): Promise<UseRow[]> {
  const { rows } = await sql<UseRow>`
    select instances.plan_id as "planId",
      coalesce(instances.organisation_id, platforms.organisation_id) as "organisationId",
      count(*)::int as instances
    from instances join platforms on platforms.id = instances.platform_id
    where instances.deleted_at is null
      and instances.plan_id = any(${planIds}::uuid[])
      and coalesce(instances.organisation_id, platforms.organisation_id)
        = any(${organisationIds}::uuid[])
    group by 1, 2`.execute(db)
  return rows
}
