import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx } from '../db/database.ts'
import type { UpstreamFlags } from './published.ts'

/** A provider as its catalog needs it. */
export interface ProviderRow {
  readonly id: string
  /** For people. */
  readonly label: string
  /** false: none of its offerings can be ordered. */
  readonly isActive: boolean
}

export interface OfferingRow {
  readonly id: string
  readonly providerId: string
  readonly upstreamId: string
  readonly revision: string
  readonly name: string
  readonly position: number
  /** JSON text without id, name and plans. */
  readonly body: string
  readonly upstreamFlags: UpstreamFlags
  readonly isWithdrawn: boolean
}

export interface PlanRow {
  readonly id: string
  readonly offeringId: string
  readonly upstreamId: string
  readonly name: string
  readonly position: number
  /** JSON text without id and name. */
  readonly body: string
  readonly isWithdrawn: boolean
  readonly providerId: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
}

/** All providers in the order in which their offerings are published. */
export async function listCatalogProviders(db: DbOrTx): Promise<ProviderRow[]> {
  const rows = await db
    .selectFrom('providers')
    .select(['id', 'display_name', 'state'])
    .orderBy('created_at')
    .orderBy('name')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    label: row.display_name,
    isActive: row.state === 'active',
  }))
}

// One page is parsed in one go, so its rows and bytes are limited.
const maxRows = 500
const maxBytes = 500_000

const firstId = '00000000-0000-0000-0000-000000000000'

/** The end of the page before; the next page begins after it. */
export interface ChangeCursor {
  readonly revision: string
  readonly id: string
}

/** Before all that changed later than this revision of the catalog. */
export function cursorAfter(revision: string): ChangeCursor {
  return { revision: String(BigInt(revision) + 1n), id: firstId }
}

/** A page of the offerings that changed after the cursor, withdrawn ones too; empty at the end. */
export async function listChangedOfferings(
  db: DbOrTx,
  after: ChangeCursor,
): Promise<OfferingRow[]> {
  return listOfferings(
    db,
    sql`(revision, id) > (${after.revision}::bigint, ${after.id}::uuid)`,
    sql`revision, id`,
  )
}

export interface ProviderCursor {
  readonly providerId: string
  readonly upstreamId: string
}

export const firstOffering: ProviderCursor = { providerId: firstId, upstreamId: '' }

/**
 * A page of all offerings, withdrawn ones too, provider by provider; empty at the end.
 * @param only  the one provider to read
 */
export async function listAllOfferings(
  db: DbOrTx,
  after: ProviderCursor,
  only?: string,
): Promise<OfferingRow[]> {
  const isAfter = sql`(provider_id, upstream_id) > (${after.providerId}::uuid, ${after.upstreamId})`
  return listOfferings(
    db,
    only === undefined ? isAfter : sql`provider_id = ${only}::uuid and ${isAfter}`,
    sql`provider_id, upstream_id`,
  )
}

async function listOfferings(
  db: DbOrTx,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<OfferingRow[]> {
  const { rows } = await sql<OfferingRow>`
    select id, provider_id as "providerId", upstream_id as "upstreamId", revision, name, position,
      body, upstream_flags as "upstreamFlags", withdrawn_at is not null as "isWithdrawn"
    from (
      select id, provider_id, upstream_id, revision, name, position, body::text as body,
        upstream_flags, withdrawn_at,
        sum(octet_length(body::text)) over (order by ${order}) as bytes
      from offerings where ${condition} order by ${order} limit ${sql.lit(maxRows)}
    ) page
    where bytes - octet_length(body) < ${sql.lit(maxBytes)}
    order by ${order}`.execute(db)
  return rows
}

export interface PlanCursor {
  readonly offeringId: string
  readonly upstreamId: string
}

export const firstPlan: PlanCursor = { offeringId: firstId, upstreamId: '' }

/** A page of the plans of these offerings, withdrawn ones too; empty at the end. */
export async function listPlans(
  db: DbOrTx,
  offeringIds: readonly string[],
  after: PlanCursor,
): Promise<PlanRow[]> {
  const { rows } = await sql<PlanRow>`
    select id, offering_id as "offeringId", upstream_id as "upstreamId", name, position, body,
      withdrawn_at is not null as "isWithdrawn", provider_id as "providerId",
      upstream_service_id as "upstreamServiceId", upstream_plan_id as "upstreamPlanId"
    from (
      select plans.id, offering_id, upstream_id, name, position, body::text as body, withdrawn_at,
        provider_id, upstream_service_id, upstream_plan_id,
        sum(octet_length(body::text)) over (order by offering_id, upstream_id) as bytes
      from plans join plan_targets on plan_targets.plan_id = plans.id
      where offering_id = any(${offeringIds}::uuid[])
        and (offering_id, upstream_id) > (${after.offeringId}::uuid, ${after.upstreamId})
      order by offering_id, upstream_id limit ${sql.lit(2 * maxRows)}
    ) page
    where bytes - octet_length(body) < ${sql.lit(maxBytes)}
    order by offering_id, upstream_id`.execute(db)
  return rows
}

/** Ids of all offerings of these providers. */
export async function listOfferingIds(
  db: DbOrTx,
  providerIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('offerings')
    .select('id')
    .where(sql<boolean>`provider_id = any(${providerIds}::uuid[])`)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

export interface Revision {
  /** Of the catalog and the rules. */
  readonly revision: string
  /**
   * When anything last changed that decides what platforms see, membership in organisations
   * included. Each change has a second of its own.
   */
  readonly changedAt: Date
  /** Whether plans that no rule names are shown; null: not stored yet. */
  readonly isOpen: boolean | null
}

export async function findRevision(db: DbOrTx): Promise<Revision> {
  const row = await db
    .selectFrom('catalog_revision')
    .select(['revision', 'changed_at', 'open_by_default'])
    .executeTakeFirstOrThrow()
  return { revision: row.revision, changedAt: row.changed_at, isOpen: row.open_by_default }
}

export async function countPublished(
  db: DbOrTx,
  providerId: string,
): Promise<{ offerings: number; plans: number }> {
  const row = await db
    .selectFrom('offerings')
    .leftJoin('plans', (join) =>
      join.onRef('plans.offering_id', '=', 'offerings.id').on('plans.withdrawn_at', 'is', null),
    )
    .select([
      sql<number>`count(distinct offerings.id)::int`.as('offerings'),
      sql<number>`count(plans.id)::int`.as('plans'),
    ])
    .where('offerings.provider_id', '=', providerId)
    .where('offerings.withdrawn_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row
}
