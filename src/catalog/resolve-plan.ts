import { BrokerError } from '../errors.ts'
import type { CatalogPlan, CatalogSnapshot } from './snapshot.ts'

/**
 * The plan of that offering, even a withdrawn one; undefined when either is unknown or the plan is
 * of another offering.
 */
export function resolvePlan(
  snapshot: CatalogSnapshot,
  serviceId: string,
  planId: string,
): CatalogPlan | undefined {
  const plan = snapshot.plans.get(planId)
  return plan?.offering.id === serviceId ? plan : undefined
}

/**
 * The answer for a plan that does not exist, and for one that must look as if it did not exist.
 */
export function unknownPlan(): BrokerError {
  return new BrokerError('unknown_plan', 'service_id and plan_id name no plan of the catalog.')
}

/** Versions are compared as whole strings, build part included. */
export function validateMaintenance(
  plan: CatalogPlan,
  version: string | undefined,
): BrokerError | undefined {
  if (version === undefined || version === plan.maintenanceVersion) return undefined
  const now =
    plan.maintenanceVersion === undefined
      ? 'has no maintenance_info'
      : `is at maintenance version ${plan.maintenanceVersion}`
  return new BrokerError(
    'maintenance_info_conflict',
    `maintenance_info.version is ${version}, but the plan ${now}. Read the catalog again.`,
  )
}
