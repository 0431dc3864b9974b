import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import { noTenants, type Tenants } from '../../../tenancy/tenants.ts'
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
  const stored = await countWith(db, quota, noTenants, max)
  // Where the tables hold what is known, as nearly always, nothing of it has to be sent.
  return stored.count >= max || stored.digest === below.digest
    ? stored.count
    : (await countWith(db, quota, below, max)).count
}

interface Counted {
  readonly count: number
  /** As that of `Tenants`, of those that were counted. */
  readonly digest: string
}

async function countWith(
  db: DbOrTx,
  { organisationId, ...others }: QuotaScope,
  also: Tenants,
  max: number,
): Promise<Counted> {
  const isCounted = sql.join(
    [sql`deleted_at is null and (state <> 'failed' or may_exist)`, ...conditions(others)],
    sql` and `,
  )
  // The comment keeps it from being prepared (db/prepared.ts): a plan made while the table was
  // small would scan all of it later, with the quota locked meanwhile.
  const {
    rows: [row],
  } = await (
    organisationId === null
      ? sql<Counted>`/* planned anew */
          select count(*)::int as count, ${also.digest}::text as digest
          from (select from instances where ${isCounted} limit ${max}) as taken`
      : countBelow(organisationId, isCounted, also, max)
  ).execute(db)
  if (row === undefined) throw new Error('A count has one row.')
  return row
}

function countBelow(
  organisationId: string,
  isCounted: RawBuilder<unknown>,
  also: Tenants,
  max: number,
): RawBuilder<Counted> {
  const ids = (table: string) =>
    sql`(select coalesce(string_agg(id::text, ',' order by id), '') from ${sql.table(table)})`
  // One branch for each index: an `or` between them would scan the whole table. The second one is
  // for what was ordered before its platform had an owner, or by a release that did not write the
  // organisation: the owner's.
  return sql<Counted>`/* planned anew */
    with recursive below as (
      select o.id from organisations o where o.id = ${organisationId}
      union select o.id from organisations o join below on o.parent_id = below.id),
    tenants as materialized (
      select id from below union select unnest(${also.organisations}::uuid[])),
    owned as materialized (
      select id from platforms where organisation_id = any(array(select id from tenants))
      union select unnest(${also.platforms}::uuid[]))
    select count(*)::int as count,
      encode(sha256(convert_to(${ids('tenants')} || ';' || ${ids('owned')}, 'UTF8')), 'hex')
        as digest
    from (
      select from instances
      where organisation_id = any(array(select id from tenants)) and ${isCounted}
      union all
      select from instances where organisation_id is null
        and platform_id = any(array(select id from owned)) and ${isCounted}
      limit ${max}) as taken`
}

function conditions({
  providerId,
  offeringId,
  planId,
}: Omit<QuotaScope, 'organisationId'>): Array<RawBuilder<SqlBool>> {
  const isOfPlan = sql<SqlBool>`(plan_id = ${planId} or id in (
    select instance_key from operations
    where target_plan_id = ${planId} and state not in ('succeeded', 'failed')))`
  return [
    ...(providerId === null ? [] : [sql<SqlBool>`provider_id = ${providerId}`]),
    ...(offeringId === null ? [] : [sql<SqlBool>`offering_id = ${offeringId}`]),
    ...(planId === null ? [] : [isOfPlan]),
  ]
}
