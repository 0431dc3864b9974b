import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'

/**
 * Deletes withdrawn plans of a provider that nothing needs, the oldest first, until `max` are left,
 * and withdrawn offerings without a plan. A provider that invents new ids at each reading would
 * fill the memory of every process. An order that is placed for such a plan at this very moment
 * still has all that it needs in its own row.
 */
export async function deleteTombstones(tx: Tx, providerId: string, max: number): Promise<void> {
  const { rows } = await sql<{ readonly id: string }>`
    select plans.id from plans join offerings on offerings.id = plans.offering_id
    where offerings.provider_id = ${providerId} and plans.withdrawn_at is not null
    order by plans.withdrawn_at desc, plans.id
    offset ${max}`.execute(tx)
  if (rows.length === 0) return
  const ids = await findUnneeded(
    tx,
    providerId,
    rows.map(({ id }) => id),
  )
  await tx
    .deleteFrom('plan_targets')
    .where(sql<boolean>`plan_id = any(${ids}::uuid[])`)
    .execute()
  await tx
    .deleteFrom('plans')
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute()
  await sql`
    delete from offerings
    where provider_id = ${providerId} and withdrawn_at is not null
      and not exists (select from plans where plans.offering_id = offerings.id)
      and not exists (select from visibility_rules where offering_id = offerings.id)
      and not exists (select from quotas where quotas.offering_id = offerings.id)`.execute(tx)
}

async function findUnneeded(
  tx: Tx,
  providerId: string,
  planIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ readonly id: string }>`
    /* planned anew */
    with needed as (
      select plan_id from instances where provider_id = ${providerId} and deleted_at is null
      union
      select previous_plan_id from instances
      where provider_id = ${providerId} and deleted_at is null
      union
      select target_plan_id from operations
      where target_plan_id = any(${planIds}::uuid[]) and state not in ('succeeded', 'failed')
      union
      select plan_id from visibility_rules where plan_id = any(${planIds}::uuid[])
      union
      select plan_id from quotas where plan_id = any(${planIds}::uuid[])
    )
    select id from unnest(${planIds}::uuid[]) as surplus (id)
    where not exists (select from needed where needed.plan_id = surplus.id)`.execute(tx)
  return rows.map(({ id }) => id)
}
