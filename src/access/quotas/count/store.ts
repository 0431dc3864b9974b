import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx, Tx } from '../../../db/database.ts'
import { statement, type Statement } from '../../../db/parts.ts'
import { everything } from '../../../ledger/account.ts'
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
}: QuotaSubject): Statement {
  return statement`(quotas.organisation_id is null or quotas.organisation_id = any(array(
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
 * its plan. A failed one counts only while the provider may have it all the same. The ledger has
 * the sums, in each snapshot as exact as counting (migrations/0045_ledger.sql).
 * @param below  of the quota's organisation, as this process knows them to be right: what SQL moves
 *   elsewhere in the tree goes on to count. What the tables hold counts too, because they may be
 *   newer
 */
export async function countTaken(db: DbOrTx, quota: QuotaScope, below: Tenants): Promise<number> {
  const stored = await countWith(db, quota, noTenants)
  // Where the tables hold what is known, as nearly always, nothing of it has to be sent.
  return stored.digest === below.digest ? stored.count : (await countWith(db, quota, below)).count
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
): Promise<Counted> {
  const isOfAll = organisationId === null
  const holders = isOfAll ? holdersOfAll(also) : holdersBelow(organisationId, also)
  const scope = others.planId ?? others.offeringId ?? others.providerId ?? everything
  // The comment keeps it from being prepared (db/prepared.ts): a plan made while the tables were
  // small would scan all of them later, with the quota locked meanwhile. The limit keeps the plan
  // at one look-up by primary key for each holder. Posted entries stand before the first unposted
  // one until they are vacuumed away; the index skips them.
  const {
    rows: [row],
  } = await sql<Counted>`/* planned anew */ with recursive ${holders}
    select digest, (
      (select coalesce(sum(balance), 0) from holders cross join lateral (
        select balance from ledger_balances
        where unit = 'instance' and scope = ${scope} and holder = holders.id limit 1) as account)
      + (select coalesce(sum(amount), 0)
        from ledger_unposted cross join unnest(ledger_unposted.holders) as each (id)
        where unit = 'instance' and ${scope} = any(scopes)
          and each.id in (select id from holders)
          and ledger_unposted.id >= (select id from ledger_unposted order by id limit 1))
      + ${others.planId === null ? sql`0` : countChangesTo(others.planId, isOfAll)}
      )::int as count
    from known`.execute(db)
  if (row === undefined) throw new Error('A count has one row.')
  return row
}

function holdersOfAll({ digest }: Tenants): RawBuilder<unknown> {
  return sql`holders as (select ${everything}::uuid as id),
    known as (select ${digest}::text as digest)`
}

// The platforms are for what was ordered before its platform had an owner, or by a release that did
// not write the organisation: the owner's.
function holdersBelow(organisationId: string, also: Tenants): RawBuilder<unknown> {
  const ids = (table: string) =>
    sql`(select coalesce(string_agg(id::text, ',' order by id), '') from ${sql.table(table)})`
  return sql`below as (
      select o.id from organisations o where o.id = ${organisationId}
      union select o.id from organisations o join below on o.parent_id = below.id),
    tenants as materialized (
      select id from below union select unnest(${also.organisations}::uuid[])),
    owned as materialized (
      select id from platforms where organisation_id = any(array(select id from tenants))
      union select unnest(${also.platforms}::uuid[])),
    holders as materialized (select id from tenants union select id from owned),
    known as (select encode(sha256(convert_to(
      ${ids('tenants')} || ';' || ${ids('owned')}, 'UTF8')), 'hex') as digest)`
}

// Until a change of plan is over the instance is in the ledger with its former plan only.
function countChangesTo(planId: string, isOfAll: boolean): RawBuilder<unknown> {
  const isHeld = isOfAll
    ? sql`true`
    : sql`coalesce(instances.organisation_id, instances.platform_id) in (select id from holders)`
  return sql`(select count(distinct instances.id)
    from operations join instances on instances.id = operations.instance_key
    where operations.target_plan_id = ${planId}
      and operations.state not in ('succeeded', 'failed')
      and instances.plan_id <> ${planId} and instances.deleted_at is null
      and (instances.state <> 'failed' or instances.may_exist) and ${isHeld})`
}
