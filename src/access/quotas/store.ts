import { sql, type RawBuilder, type Selectable, type SqlBool } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { Quotas } from '../../db/schema.gen.ts'
import type { Reach } from '../../tenancy/principal.ts'
import type { Quota, QuotaScope } from './quota.ts'

const columns = ['id', 'organisation_id', 'provider_id', 'offering_id', 'plan_id', 'instances', 'comment', 'created_at', 'updated_at'] as const

function fromRow (row: Pick<Selectable<Quotas>, typeof columns[number]>): Quota {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    providerId: row.provider_id,
    offeringId: row.offering_id,
    planId: row.plan_id,
    instances: row.instances,
    comment: row.comment,
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}

/** An order, as quotas look at it. */
export interface Ordered {
  /** The organisation that it is for and those above it. */
  readonly line: readonly string[]
  readonly providerId: string
  readonly offeringId: string
  readonly planId: string
}

/** The quotas that an order falls under. */
export async function listQuotasOf (db: DbOrTx, { line, providerId, offeringId, planId }: Ordered): Promise<Quota[]> {
  const rows = await db.selectFrom('quotas').select(columns)
    .where(sql<boolean>`(organisation_id is null or organisation_id = any(${line}::uuid[]))
      and (provider_id is null or provider_id = ${providerId}) and (offering_id is null or offering_id = ${offeringId})
      and (plan_id is null or plan_id = ${planId})`).execute()
  return rows.map(fromRow)
}

/** In one order for everybody, so that nobody waits for somebody who waits for him. */
export async function lockQuotas (tx: Tx, ids: readonly string[]): Promise<Quota[]> {
  const rows = await tx.selectFrom('quotas').select(columns).where(sql<boolean>`id = any(${ids}::uuid[])`).orderBy('id').forNoKeyUpdate().execute()
  return rows.map(fromRow)
}

/**
 * How many instances a quota counts: those that are there or being made, and those that are being changed to its plan. What
 * failed is nothing.
 * @param most  there is no need to count further
 */
export async function countTaken (db: DbOrTx, quota: QuotaScope, most: number): Promise<number> {
  const { rows: [row] } = await sql<{ count: number }>`select count(*)::int as count from (
    select from instances where deleted_at is null and state <> 'failed' and ${sql.join(conditions(quota), sql` and `)} limit ${most}) as taken`.execute(db)
  return row?.count ?? 0
}

// Only what the quota is about, so that each finds the index that serves it.
function conditions ({ organisationId, providerId, offeringId, planId }: QuotaScope): Array<RawBuilder<SqlBool>> {
  const isOfPlan = sql<SqlBool>`(plan_id = ${planId} or id in (
    select instance_key from operations where target_plan_id = ${planId} and state not in ('succeeded', 'failed')))`
  // Ordered before its platform had an organisation, or by a release that did not tell: by the platform's.
  const isOfOrganisation = sql<SqlBool>`(organisation_id = any(${subtree(organisationId)}) or (organisation_id is null and
    platform_id = any(array(select platforms.id from platforms where platforms.organisation_id = any(${subtree(organisationId)})))))`
  return [
    ...(organisationId === null ? [] : [isOfOrganisation]),
    ...(providerId === null ? [] : [sql<SqlBool>`provider_id = ${providerId}`]),
    ...(offeringId === null ? [] : [sql<SqlBool>`offering_id = ${offeringId}`]),
    ...(planId === null ? [] : [isOfPlan])
  ]
}

function subtree (organisationId: string | null): RawBuilder<string[]> {
  return sql`array(with recursive below as (
    select o.id from organisations o where o.id = ${organisationId}
    union select o.id from organisations o join below on o.parent_id = below.id) select id from below)`
}

/** @returns the quota, and whether there was none for the same before */
export async function upsertQuota (tx: Tx, id: string, scope: QuotaScope, values: Pick<Quota, 'instances' | 'comment'>, now: Date): Promise<{ quota: Quota, isNew: boolean }> {
  // The columns of the index quotas_once.
  const known = await tx.selectFrom('quotas').select('id').where(sql<boolean>`organisation_id is not distinct from ${scope.organisationId}
    and provider_id is not distinct from ${scope.providerId} and offering_id is not distinct from ${scope.offeringId}
    and plan_id is not distinct from ${scope.planId}`).executeTakeFirst()
  const row = known === undefined
    ? await tx.insertInto('quotas').values({
      id, organisation_id: scope.organisationId, provider_id: scope.providerId, offering_id: scope.offeringId, plan_id: scope.planId,
      ...values, created_at: now, updated_at: now
    }).returning(columns).executeTakeFirstOrThrow()
    : await tx.updateTable('quotas').set({ ...values, updated_at: now }).where('id', '=', known.id).returning(columns).executeTakeFirstOrThrow()
  return { quota: fromRow(row), isNew: known === undefined }
}

/** Keeps two who set quotas apart. */
export async function lockQuotaSetting (tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(5127011)`.execute(tx)
}

// What is for all together is nobody's own.
function isWithin (reach: Reach): RawBuilder<boolean> {
  return reach === 'all' ? sql<boolean>`true` : sql<boolean>`organisation_id = any(${reach.organisations}::uuid[])`
}

export async function findQuota (db: DbOrTx, reach: Reach, id: string): Promise<Quota | undefined> {
  const row = await db.selectFrom('quotas').select(columns).where('id', '=', id).where(isWithin(reach)).executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export interface QuotaFilter {
  readonly organisationId?: string | undefined
  readonly providerId?: string | undefined
  readonly before?: string | undefined
}

/** Newest first. */
export async function listQuotas (db: DbOrTx, reach: Reach, { organisationId, providerId, before }: QuotaFilter, limit: number): Promise<Quota[]> {
  const rows = await db.selectFrom('quotas').select(columns).where(isWithin(reach))
    .$if(organisationId !== undefined, (query) => query.where('organisation_id', '=', organisationId ?? ''))
    .$if(providerId !== undefined, (query) => query.where('provider_id', '=', providerId ?? ''))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc').limit(limit).execute()
  return rows.map(fromRow)
}

export async function deleteQuota (tx: Tx, id: string): Promise<Quota | undefined> {
  const row = await tx.deleteFrom('quotas').where('id', '=', id).returning(columns).executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}
