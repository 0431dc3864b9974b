import type { Db } from '../db/database.ts'
import { findRevision, listCatalogRows, type CatalogRow, type Revision } from './store.ts'
import { pollingSlackSeconds, type UpstreamFlags } from './published.ts'

/** The provider's plan behind a published plan. */
export interface PlanTarget {
  readonly providerId: string
  /** The provider's name for people. */
  readonly providerLabel: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
}

export interface CatalogOffering {
  readonly id: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
  readonly upstreamFlags: UpstreamFlags
  readonly plans: readonly CatalogPlan[]
}

export interface CatalogPlan {
  readonly id: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
  readonly offering: CatalogOffering
  readonly target: PlanTarget
  /** false: withdrawn. Its instances are still served, but it cannot be ordered. */
  readonly isPublished: boolean
  readonly bindable: boolean
  readonly updateable: boolean
  readonly rotatable: boolean
  readonly contextUpdates: boolean
  readonly maintenanceVersion: string | undefined
  readonly maximumPollingSeconds: number | undefined
}

/** The whole catalog at one moment, withdrawn plans included. */
export interface CatalogSnapshot {
  readonly revision: string
  readonly offerings: ReadonlyMap<string, CatalogOffering>
  readonly plans: ReadonlyMap<string, CatalogPlan>
}

/** The revision of the database; a snapshot with the same revision is up to date. */
export async function currentRevision(db: Db): Promise<Revision> {
  return findRevision(db)
}

export async function readSnapshot(db: Db): Promise<CatalogSnapshot> {
  // Revision and rows as of one moment, so that older rows never have a newer revision.
  const [{ revision }, rows] = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => [await findRevision(tx), await listCatalogRows(tx)] as const)
  const offerings = new Map<string, CatalogOffering & { plans: CatalogPlan[] }>()
  const plans = new Map<string, CatalogPlan>()
  for (const row of rows) {
    const offering = offerings.get(row.offeringId) ?? {
      id: row.offeringId,
      name: row.offeringName,
      body: row.offeringBody,
      upstreamFlags: row.upstreamFlags,
      plans: [],
    }
    offerings.set(row.offeringId, offering)
    const plan = planOf(row, offering)
    offering.plans.push(plan)
    plans.set(plan.id, plan)
  }
  return { revision, offerings, plans }
}

// A plan's flag overrides its offering's, true or false.
function planOf(row: CatalogRow, offering: CatalogOffering): CatalogPlan {
  const flag = (name: string) => row.planBody[name] ?? row.offeringBody[name]
  const maintenance = row.planBody['maintenance_info'] as { version?: string } | undefined
  const seconds = row.planBody['maximum_polling_duration']
  return {
    id: row.planId,
    name: row.planName,
    body: row.planBody,
    offering,
    target: {
      providerId: row.providerId,
      providerLabel: row.providerLabel,
      upstreamServiceId: row.upstreamServiceId,
      upstreamPlanId: row.upstreamPlanId,
    },
    isPublished: row.published,
    bindable: flag('bindable') === true,
    updateable: flag('plan_updateable') === true,
    rotatable: row.planBody['binding_rotatable'] === true,
    contextUpdates: row.offeringBody['allow_context_updates'] === true,
    maintenanceVersion: maintenance?.version,
    // The provider's own limit, without the slack in the published one: Kontor fails before the
    // platform.
    maximumPollingSeconds: typeof seconds === 'number' ? seconds - pollingSlackSeconds : undefined,
  }
}
