import { sql, type RawBuilder, type Selectable, type SqlBool } from 'kysely'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { Quotas } from '../../db/schema.gen.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Quota, QuotaScope } from './quota.ts'

const columns = [
  'id',
  'organisation_id',
  'provider_id',
  'offering_id',
  'plan_id',
  'instances',
  'comment',
  'created_at',
  'updated_at',
] as const

function fromRow(row: Pick<Selectable<Quotas>, (typeof columns)[number]>): Quota {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    providerId: row.provider_id,
    offeringId: row.offering_id,
    planId: row.plan_id,
    instances: row.instances,
    comment: row.comment,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** An order, as quotas look at it. */
export interface QuotaSubject {
  readonly platformId: string
  /** For whom it is; null: for whom its platform belongs to. */
  readonly organisationId: string | null
  readonly providerId: string
  readonly offeringId: string
  readonly planId: string
}

/**
 * Which rows of `quotas` an order falls under: those of its organisation and of all above it, as they stand in the database, for this
 * process may not have heard of a change of the tree.
 */
export function fallsUnder({
  platformId,
  organisationId,
  providerId,
  offeringId,
  planId,
}: QuotaSubject): RawBuilder<SqlBool> {
  return sql<SqlBool>`(quotas.organisation_id is null or quotas.organisation_id = any(array(
      with recursive line as (
        select o.id, o.parent_id from organisations o
          where o.id = coalesce(${organisationId}, (select platforms.organisation_id from platforms where platforms.id = ${platformId}))
        union select o.id, o.parent_id from organisations o join line on o.id = line.parent_id
      ) select line.id from line)))
    and (quotas.provider_id is null or quotas.provider_id = ${providerId}) and (quotas.offering_id is null or quotas.offering_id = ${offeringId})
    and (quotas.plan_id is null or quotas.plan_id = ${planId})`
}

export async function listQuotasOf(db: DbOrTx, ordered: QuotaSubject): Promise<Quota[]> {
  const rows = await db.selectFrom('quotas').select(columns).where(fallsUnder(ordered)).execute()
  return rows.map(fromRow)
}

/** In one order for everybody, so that nobody waits for somebody who waits for him. */
export async function lockQuotas(tx: Tx, ids: readonly string[]): Promise<Quota[]> {
  const rows = await tx
    .selectFrom('quotas')
    .select(columns)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return rows.map(fromRow)
}

/**
 * Until the transaction ends no instance comes to be and no change of plan begins: what is being written is waited for. For what is done once in a
 * while, so that orders need not lock the rows that all of them share.
 */
export async function excludeOrders(tx: Tx): Promise<void> {
  // Whoever queues for an order's table holds up those behind him.
  await sql`set local lock_timeout = '3s'`.execute(tx)
  await sql`lock table instances in share mode`.execute(tx)
}

/** An order that writes no instance is kept out, too, from here on. */
export async function lockOutQuotaChanges(tx: Tx): Promise<void> {
  await sql`lock table instances in row exclusive mode`.execute(tx)
}

/**
 * How many instances a quota counts: those that are there or being made, and those that are being changed to its plan. What
 * failed is nothing, unless the provider may have it all the same.
 * @param most  there is no need to count further
 */
export async function countTaken(db: DbOrTx, quota: QuotaScope, most: number): Promise<number> {
  // The comment keeps it from being prepared (db/prepared.ts): a plan that was made while the table was small would read
  // all of it, and the quota is locked meanwhile.
  const {
    rows: [row],
  } = await sql<{ count: number }>`/* planned anew */
    select count(*)::int as count from (${sql.join(branches(quota), sql` union all `)} limit ${most}) as taken`.execute(
    db,
  )
  return row?.count ?? 0
}

// A branch for each index that serves it: an `or` between them would read the whole table.
function branches(quota: QuotaScope): Array<RawBuilder<unknown>> {
  const rest = sql.join(
    [sql`deleted_at is null and (state <> 'failed' or may_exist)`, ...conditions(quota)],
    sql` and `,
  )
  if (quota.organisationId === null) return [sql`select from instances where ${rest}`]
  const subtree = subtreeOf(quota.organisationId)
  return [
    sql`select from instances where organisation_id = any(${subtree}) and ${rest}`,
    // Ordered before its platform had an organisation, or by a release that did not tell: by the platform's.
    sql`select from instances where organisation_id is null
      and platform_id = any(array(select platforms.id from platforms where platforms.organisation_id = any(${subtree}))) and ${rest}`,
  ]
}

function conditions({ providerId, offeringId, planId }: QuotaScope): Array<RawBuilder<SqlBool>> {
  const isOfPlan = sql<SqlBool>`(plan_id = ${planId} or id in (
    select instance_key from operations where target_plan_id = ${planId} and state not in ('succeeded', 'failed')))`
  return [
    ...(providerId === null ? [] : [sql<SqlBool>`provider_id = ${providerId}`]),
    ...(offeringId === null ? [] : [sql<SqlBool>`offering_id = ${offeringId}`]),
    ...(planId === null ? [] : [isOfPlan]),
  ]
}

function subtreeOf(organisationId: string): RawBuilder<string[]> {
  return sql`array(with recursive below as (
    select o.id from organisations o where o.id = ${organisationId}
    union select o.id from organisations o join below on o.parent_id = below.id) select id from below)`
}

/** The id of the quota that there is for the same. */
export async function findSame(
  tx: Tx,
  { organisationId, providerId, offeringId, planId }: QuotaScope,
): Promise<string | undefined> {
  // The columns of the index quotas_once.
  const row = await tx
    .selectFrom('quotas')
    .select('id')
    .where(
      sql<boolean>`organisation_id is not distinct from ${organisationId}
    and provider_id is not distinct from ${providerId} and offering_id is not distinct from ${offeringId}
    and plan_id is not distinct from ${planId}`,
    )
    .executeTakeFirst()
  return row?.id
}

type Values = Pick<Quota, 'instances' | 'comment'>

export async function insertQuota(
  tx: Tx,
  id: string,
  { organisationId, providerId, offeringId, planId }: QuotaScope,
  values: Values,
  now: Date,
): Promise<Quota> {
  const row = await tx
    .insertInto('quotas')
    .values({
      id,
      organisation_id: organisationId,
      provider_id: providerId,
      offering_id: offeringId,
      plan_id: planId,
      ...values,
      created_at: now,
      updated_at: now,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return fromRow(row)
}

export async function updateQuota(tx: Tx, id: string, values: Values, now: Date): Promise<Quota> {
  const row = await tx
    .updateTable('quotas')
    .set({ ...values, updated_at: now })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
  return fromRow(row)
}

/** Keeps two who set quotas apart. */
export async function lockQuotaSetting(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.quotas})`.execute(tx)
}

// What is for all together is nobody's own.
function isWithin(scope: AccessScope): RawBuilder<boolean> {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`organisation_id = any(${scope.organisations}::uuid[])`
}

export async function findQuota(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<Quota | undefined> {
  const row = await db
    .selectFrom('quotas')
    .select(columns)
    .where('id', '=', id)
    .where(isWithin(scope))
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export interface QuotaFilter {
  readonly organisationId?: string | undefined
  readonly providerId?: string | undefined
  readonly before?: string | undefined
}

/** Newest first. */
export async function listQuotas(
  db: DbOrTx,
  scope: AccessScope,
  { organisationId, providerId, before }: QuotaFilter,
  limit: number,
): Promise<Quota[]> {
  const rows = await db
    .selectFrom('quotas')
    .select(columns)
    .where(isWithin(scope))
    .$if(organisationId !== undefined, (query) =>
      query.where('organisation_id', '=', organisationId ?? ''),
    )
    .$if(providerId !== undefined, (query) => query.where('provider_id', '=', providerId ?? ''))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export async function deleteQuota(tx: Tx, id: string): Promise<Quota | undefined> {
  const row = await tx
    .deleteFrom('quotas')
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}
