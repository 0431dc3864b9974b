import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'

// In one transaction, which holds up all other publications.
const maxDeleted = 5_000

/** Whether a provider has more than `max` withdrawn plans. */
export async function hasSurplus(db: DbOrTx, providerId: string, max: number): Promise<boolean> {
  const { rows } = await sql`
    select from plans join offerings on offerings.id = plans.offering_id
    where offerings.provider_id = ${providerId} and plans.withdrawn_at is not null
    offset ${max} limit 1`.execute(db)
  return rows.length > 0
}

/**
 * Deletes withdrawn plans of a provider that nothing needs, the oldest first, until `max` are left,
 * and withdrawn offerings without a plan; at most 5,000 plans in one call. A provider that invents
 * new ids at each reading would fill the memory of every process. An order that is placed for such
 * a plan at this very moment still has all that it needs in its own row.
 * @returns false when there was nothing to delete
 */
export async function deleteTombstones(tx: Tx, providerId: string, max: number): Promise<boolean> {
  if (!(await hasSurplus(tx, providerId, max))) return false
  const ids = await findUnneeded(tx, providerId, max)
  if (ids.length === 0) return false
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
  return true
}

async function findUnneeded(tx: Tx, providerId: string, max: number): Promise<string[]> {
  const { rows } = await sql<{ readonly id: string }>`
    /* planned anew */
    with surplus as materialized (
      select plans.id, plans.withdrawn_at
      from plans join offerings on offerings.id = plans.offering_id
      where offerings.provider_id = ${providerId} and plans.withdrawn_at is not null
      order by plans.withdrawn_at desc, plans.id
      offset ${max}
    ), needed as (
      select plan_id from instances where provider_id = ${providerId} and deleted_at is null
      union
      select previous_plan_id from instances
      where provider_id = ${providerId} and deleted_at is null
      union
      select target_plan_id from operations
      where target_plan_id in (select id from surplus) and state not in ('succeeded', 'failed')
      union
      select plan_id from visibility_rules where plan_id in (select id from surplus)
      union
      select plan_id from quotas where plan_id in (select id from surplus)
    )
    select id from surplus
    where not exists (select from needed where needed.plan_id = surplus.id)
    order by withdrawn_at, id desc
    limit ${sql.lit(maxDeleted)}`.execute(tx)
  return rows.map(({ id }) => id)
}
