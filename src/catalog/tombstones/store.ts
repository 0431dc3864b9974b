import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'

// In one transaction, which holds up all other publications.
const maxDeleted = 5_000

/** How much stays of the withdrawn plans of one provider that nothing needs. */
export interface TombstoneLimits {
  /** Plans. */
  readonly withdrawn: number
  /** Of these plans, and of their offerings that are withdrawn, too. */
  readonly bytes: number
}

/**
 * The withdrawn plans of a provider beyond the limits: those that were withdrawn last stay. All of
 * them would be in the memory of every process.
 */
function surplusOf(providerId: string, { withdrawn, bytes }: TombstoneLimits): RawBuilder<unknown> {
  return sql`
    select id, withdrawn_at from (
      select id, withdrawn_at, row_number() over latest as place,
        sum(bytes + case when is_first then offering_bytes else 0 end) over latest as bytes
      from (
        select plans.id, plans.withdrawn_at, plans.body_bytes as bytes,
          case when offerings.withdrawn_at is null then 0
            else offerings.body_bytes end as offering_bytes,
          1 = row_number() over (
            partition by offerings.id order by plans.withdrawn_at desc, plans.id) as is_first
        from plans join offerings on offerings.id = plans.offering_id
        where plans.withdrawn_at is not null
          -- Not by the join alone: Postgres would read the plans of all providers.
          and offering_id = any(array(select id from offerings where provider_id = ${providerId}))
      ) tombstone
      window latest as (order by withdrawn_at desc, id)
    ) ranked
    where place > ${withdrawn} or bytes > ${bytes}`
}

/**
 * Deletes withdrawn plans of a provider that nothing needs, the oldest first, until the limits
 * hold, and withdrawn offerings without a plan; at most 5,000 plans in one call. A provider that
 * invents new ids at each reading would fill the memory of every process. An order that is placed
 * for such a plan at this very moment still has all that it needs in its own row.
 * @returns false when there was nothing to delete
 */
export async function deleteTombstones(
  tx: Tx,
  providerId: string,
  limits: TombstoneLimits,
): Promise<boolean> {
  const ids = await findUnneeded(tx, providerId, limits)
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
    /* planned anew */
    delete from offerings
    where provider_id = ${providerId} and withdrawn_at is not null
      and not exists (select from plans where plans.offering_id = offerings.id)
      and not exists (select from visibility_rules where offering_id = offerings.id)
      and not exists (select from quotas where quotas.offering_id = offerings.id)`.execute(tx)
  return true
}

/** The ids of the withdrawn plans that are to be deleted; locks nothing. */
export async function findUnneeded(
  db: DbOrTx,
  providerId: string,
  limits: TombstoneLimits,
): Promise<string[]> {
  const { rows } = await sql<{ readonly id: string }>`
    /* planned anew */
    with surplus as materialized (
      ${surplusOf(providerId, limits)}
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
    limit ${sql.lit(maxDeleted)}`.execute(db)
  return rows.map(({ id }) => id)
}
