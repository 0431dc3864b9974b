import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import type { Tenants } from '../../../tenancy/directory.ts'
import type { QuotaScope } from '../quota.ts'

/** What of an order decides which quotas apply to it. */
export interface QuotaSubject {
  readonly platformId: string
  /** The organisation it is for; null: the owner of its platform. */
  readonly organisationId: string | null
  readonly providerId: string
  readonly offeringId: string
  readonly planId: string
}

/**
 * Condition on `quotas`: the row applies to the order. That includes the quotas of all ancestors of
 * its organisation, which the statement reads from the tables: this process's directory may be
 * older than the last change of the tree.
 */
export function fallsUnder({
  platformId,
  organisationId,
  providerId,
  offeringId,
  planId,
}: QuotaSubject): RawBuilder<SqlBool> {
  return sql<SqlBool>`(quotas.organisation_id is null or quotas.organisation_id = any(array(
      with recursive ancestors as (
        select o.id, o.parent_id from organisations o
          where o.id = coalesce(${organisationId},
            (select platforms.organisation_id from platforms where platforms.id = ${platformId}))
        union select o.id, o.parent_id from organisations o
          join ancestors on o.id = ancestors.parent_id
      ) select ancestors.id from ancestors)))
    and (quotas.provider_id is null or quotas.provider_id = ${providerId})
    and (quotas.offering_id is null or quotas.offering_id = ${offeringId})
    and (quotas.plan_id is null or quotas.plan_id = ${planId})`
}

/**
 * Until the transaction ends, no order writes an instance or begins a change of plan; this waits
 * for those that are being written. Only rare administrative transactions call it, so that orders
 * need no lock on rows that all of them share.
 */
export async function excludeOrders(tx: Tx): Promise<void> {
  // A waiting table lock makes every later order wait behind it.
  await sql`set local lock_timeout = '3s'`.execute(tx)
  await sql`lock table instances in share mode`.execute(tx)
}

/**
 * Makes this transaction wait for `excludeOrders`, and that for it, although it writes no instance.
 */
export async function lockOutQuotaChanges(tx: Tx): Promise<void> {
  await sql`lock table instances in row exclusive mode`.execute(tx)
}

/**
 * How many instances a quota counts: those that exist or are being made, and those being changed to
 * its plan. A failed one counts only while the provider may have it all the same.
 * @param below  of the quota's organisation, as this process knows them to be right: what SQL moves
 *   elsewhere in the tree goes on to count. What the tables hold counts too, because they may be
 *   newer
 * @param max  where counting stops
 */
export async function countTaken(
  db: DbOrTx,
  quota: QuotaScope,
  below: Tenants,
  max: number,
): Promise<number> {
  // The comment keeps it from being prepared (db/prepared.ts): a plan made while the table was
  // small would scan all of it later, with the quota locked meanwhile.
  const {
    rows: [row],
  } = await sql<{ count: number }>`/* planned anew */
    select count(*)::int as count
    from (${sql.join(branches(quota, below), sql` union all `)} limit ${max}) as taken`.execute(db)
  return row?.count ?? 0
}

// One branch for each index: an `or` between them would scan the whole table.
function branches(quota: QuotaScope, below: Tenants): Array<RawBuilder<unknown>> {
  const rest = sql.join(
    [sql`deleted_at is null and (state <> 'failed' or may_exist)`, ...conditions(quota)],
    sql` and `,
  )
  if (quota.organisationId === null) return [sql`select from instances where ${rest}`]
  const organisations = sql`array(select unnest(${below.organisations}::uuid[])
    union ${subtreeOf(quota.organisationId)})`
  return [
    sql`select from instances where organisation_id = any(${organisations}) and ${rest}`,
    // Ordered before its platform had an owner, or by a release that did not write the
    // organisation: the owner's.
    sql`select from instances where organisation_id is null
      and platform_id = any(array(
        select unnest(${below.platforms}::uuid[])
        union select platforms.id from platforms
          where platforms.organisation_id = any(${organisations}))) and ${rest}`,
  ]
}

function conditions({ providerId, offeringId, planId }: QuotaScope): Array<RawBuilder<SqlBool>> {
  const isOfPlan = sql<SqlBool>`(plan_id = ${planId} or id in (
    select instance_key from operations
    where target_plan_id = ${planId} and state not in ('succeeded', 'failed')))`
  return [
    ...(providerId === null ? [] : [sql<SqlBool>`provider_id = ${providerId}`]),
    ...(offeringId === null ? [] : [sql<SqlBool>`offering_id = ${offeringId}`]),
    ...(planId === null ? [] : [isOfPlan]),
  ]
}

function subtreeOf(organisationId: string): RawBuilder<unknown> {
  return sql`(with recursive below as (
    select o.id from organisations o where o.id = ${organisationId}
    union select o.id from organisations o join below on o.parent_id = below.id)
    select id from below)`
}
