import { sql, type RawBuilder, type Selectable } from 'kysely'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import type { DbOrTx, Tx } from '../../db/database.ts'
import { run, statement } from '../../db/parts.ts'
import type { Quotas } from '../../db/schema.gen.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import { fallsUnder, type QuotaSubject } from './count/store.ts'
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

type Row = Pick<Selectable<Quotas>, (typeof columns)[number]>

function fromRow(row: Row): Quota {
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

export async function listQuotasOf(db: DbOrTx, ordered: QuotaSubject): Promise<Quota[]> {
  const rows = await run<Row>(db, statement`select * from quotas where ${fallsUnder(ordered)}`)
  return rows.map(fromRow)
}

export async function listAllQuotas(db: DbOrTx): Promise<Quota[]> {
  const rows = await db.selectFrom('quotas').select(columns).execute()
  return rows.map(fromRow)
}

/**
 * Locks in id order to avoid deadlocks. Those that do not exist are locked by their ids alone: one
 * that was deleted past Kontor goes on to limit.
 */
export async function lockQuotas(tx: Tx, ids: readonly string[]): Promise<Quota[]> {
  const rows = await tx
    .selectFrom('quotas')
    .select(columns)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const missing = ids.filter((id) => rows.every((row) => row.id !== id)).toSorted()
  for (const id of missing) {
    const lock = sql`select pg_advisory_xact_lock(${advisoryLocks.missingQuotas}, hashtext(${id}))`
    await lock.execute(tx)
  }
  return rows.map(fromRow)
}

/** Id of the quota with this scope. */
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
    and provider_id is not distinct from ${providerId}
    and offering_id is not distinct from ${offeringId}
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
): Promise<void> {
  const insert = () =>
    tx
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
      .execute()
  await writeSealed(tx, 'quotas', { id }, insert, 'restricts')
}

export async function updateQuota(tx: Tx, id: string, values: Values, now: Date): Promise<void> {
  await writeSealed(tx, 'quotas', { id }, () =>
    tx
      .updateTable('quotas')
      .set({ ...values, updated_at: now })
      .where('id', '=', id)
      .execute(),
  )
}

/** One transaction at a time sets a quota: two could insert the same one. */
export async function lockQuotaSetting(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.quotas})`.execute(tx)
}

// A quota for all organisations together is in the scope `all` only.
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

export async function deleteQuota(
  tx: Tx,
  scope: AccessScope,
  id: string,
): Promise<Quota | undefined> {
  const row = await writeSealed(tx, 'quotas', { id }, () =>
    tx
      .deleteFrom('quotas')
      .where('id', '=', id)
      .where(isWithin(scope))
      .returning(columns)
      .executeTakeFirst(),
  )
  return row === undefined ? undefined : fromRow(row)
}
