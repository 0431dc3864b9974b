import { sql } from 'kysely'
import type { DbOrTx } from '../db/database.ts'
import type { UpstreamFlags } from './published.ts'

export interface CatalogRow {
  readonly offeringId: string
  readonly offeringName: string
  readonly offeringBody: Record<string, unknown>
  readonly upstreamFlags: UpstreamFlags
  readonly providerId: string
  readonly providerLabel: string
  readonly planId: string
  readonly planName: string
  readonly planBody: Record<string, unknown>
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
  readonly published: boolean
}

/** All plans, withdrawn ones too, in the order of publication. */
export async function listCatalogRows(db: DbOrTx): Promise<CatalogRow[]> {
  const rows = await db
    .selectFrom('plans')
    .innerJoin('offerings', 'offerings.id', 'plans.offering_id')
    .innerJoin('plan_targets', 'plan_targets.plan_id', 'plans.id')
    .innerJoin('providers', 'providers.id', 'plan_targets.provider_id')
    .select([
      'offerings.id as offering_id',
      'offerings.name as offering_name',
      'offerings.body as offering_body',
      'offerings.upstream_flags',
      'plans.id as plan_id',
      'plans.name as plan_name',
      'plans.body as plan_body',
      'plan_targets.provider_id',
      'providers.display_name as provider_label',
      'plan_targets.upstream_service_id',
      'plan_targets.upstream_plan_id',
      sql<boolean>`providers.state = 'active'
        and offerings.withdrawn_at is null and plans.withdrawn_at is null`.as('published'),
    ])
    .orderBy('providers.created_at')
    .orderBy('providers.name')
    .orderBy('offerings.position')
    .orderBy('offerings.id')
    .orderBy('plans.position')
    .orderBy('plans.id')
    .execute()
  return rows.map((row) => ({
    offeringId: row.offering_id,
    offeringName: row.offering_name,
    // Only upsertOfferings writes bodies and flags.
    offeringBody: row.offering_body as Record<string, unknown>,
    upstreamFlags: row.upstream_flags as unknown as UpstreamFlags,
    providerId: row.provider_id,
    providerLabel: row.provider_label,
    planId: row.plan_id,
    planName: row.plan_name,
    planBody: row.plan_body as Record<string, unknown>,
    upstreamServiceId: row.upstream_service_id,
    upstreamPlanId: row.upstream_plan_id,
    published: row.published,
  }))
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
