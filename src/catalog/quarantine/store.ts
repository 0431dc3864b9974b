import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import { isPublished } from '../store.ts'
import type { ChangedIds, Doubt, LostPlan, CountedPlan } from './judge.ts'

/** A catalog that is not published. */
export interface Quarantine {
  readonly reason: Doubt['reason']
  /** Of what would be lost: a decision holds for it, whatever else the catalog holds. */
  readonly digest: Buffer
  readonly since: Date
  readonly details: QuarantineDetails
  readonly decision: 'confirmed' | 'rejected' | null
}

export interface QuarantineDetails {
  /** How many plans with live instances would be withdrawn; `lost` names the first of them. */
  readonly lostPlans: number
  readonly lost: readonly LostPlan[]
  readonly changedPlans: number
  readonly changedIds: readonly ChangedIds[]
  /** Of the catalog that is quarantined. */
  readonly findings: readonly CatalogFinding[]
}

/** The published plans of a provider, with the number of their live instances. */
export async function listPublishedPlans(tx: Tx, providerId: string): Promise<CountedPlan[]> {
  return tx
    .selectFrom('plans')
    .innerJoin('offerings', 'offerings.id', 'plans.offering_id')
    .leftJoin(
      (db) =>
        db
          .selectFrom('instances')
          .select(['plan_id', sql<number>`count(*)::int`.as('live')])
          .where('provider_id', '=', providerId)
          .where('deleted_at', 'is', null)
          .groupBy('plan_id')
          .as('used'),
      (join) => join.onRef('used.plan_id', '=', 'plans.id'),
    )
    .select([
      'offerings.upstream_id as upstreamServiceId',
      'plans.upstream_id as upstreamPlanId',
      'offerings.name as offering',
      'plans.name as plan',
      sql<number>`coalesce(used.live, 0)`.as('liveInstances'),
    ])
    .where('offerings.provider_id', '=', providerId)
    .where(isPublished)
    .where('plans.withdrawn_at', 'is', null)
    .orderBy('offerings.position')
    .orderBy('plans.position')
    .execute()
}

export async function findQuarantine(
  db: DbOrTx,
  providerId: string,
): Promise<Quarantine | undefined> {
  const row = await db
    .selectFrom('catalog_quarantines')
    .select(['reason', 'lost_digest', 'since', 'details', 'decision'])
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    // The table's checks allow no other values, and only saveQuarantine writes the details.
    reason: row.reason as Quarantine['reason'],
    digest: row.lost_digest,
    since: row.since,
    details: row.details as unknown as QuarantineDetails,
    decision: row.decision as Quarantine['decision'],
  }
}

/** Quarantines a catalog; one that loses something else than before awaits its own decision. */
export async function saveQuarantine(
  tx: Tx,
  providerId: string,
  quarantine: Omit<Quarantine, 'decision'>,
): Promise<void> {
  const values = {
    reason: quarantine.reason,
    lost_digest: quarantine.digest,
    details: JSON.stringify(quarantine.details),
    decision: null,
    decided_at: null,
  }
  await tx
    .insertInto('catalog_quarantines')
    .values({ provider_id: providerId, since: quarantine.since, ...values })
    .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
    .execute()
}

/** @returns whether there was one */
export async function deleteQuarantine(db: DbOrTx, providerId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('catalog_quarantines')
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Locks the row, so that the decision is about what it holds. */
export async function findQuarantineForUpdate(
  tx: Tx,
  providerId: string,
): Promise<{ readonly digest: Buffer } | undefined> {
  const row = await tx
    .selectFrom('catalog_quarantines')
    .select('lost_digest')
    .where('provider_id', '=', providerId)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : { digest: row.lost_digest }
}

export async function setDecision(
  tx: Tx,
  providerId: string,
  decision: 'confirmed' | 'rejected',
  now: Date,
): Promise<void> {
  await tx
    .updateTable('catalog_quarantines')
    .set({ decision, decided_at: now })
    .where('provider_id', '=', providerId)
    .execute()
}

/** Names of the providers whose catalog waits for an operator's decision. */
export async function listUndecided(db: DbOrTx): Promise<string[]> {
  const rows = await db
    .selectFrom('catalog_quarantines')
    .innerJoin('providers', 'providers.id', 'catalog_quarantines.provider_id')
    .select('providers.name')
    .where('catalog_quarantines.decision', 'is', null)
    .where('providers.state', '=', 'active')
    .execute()
  return rows.map(({ name }) => name)
}
