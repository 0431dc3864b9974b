import { BrokerError } from '../errors.ts'
import { derivedId } from '../ids.ts'
import { integrityOf, noteRow } from '../vault/sealed-rows/integrity.ts'
import type { Vault } from '../vault/vault.ts'
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

// The ids of a plan never change, so each plan of a snapshot is checked once for a provider.
const checked = new WeakMap<CatalogPlan, string>()

/**
 * Checks that a plan belongs to a provider. The rows of the catalog carry no MAC, but published ids
 * are derived from the provider's name and its own ids, and an order names them: SQL that leads a
 * plan to another provider cannot make them fit.
 * @param providerName  from a row whose MAC was checked
 */
export function validateTarget(
  vault: Vault,
  plan: CatalogPlan,
  providerName: string,
): BrokerError | undefined {
  if (checked.get(plan) === providerName) return undefined
  const { upstreamServiceId, upstreamPlanId } = plan.target
  const isRight =
    derivedId(providerName, upstreamServiceId) === plan.offering.id &&
    derivedId(providerName, upstreamServiceId, upstreamPlanId) === plan.id
  noteRow(integrityOf(vault), 'plan_targets', plan.id, isRight)
  if (isRight) {
    checked.set(plan, providerName)
    return undefined
  }
  return new BrokerError(
    'unavailable',
    'The provider of this plan was changed by something other than Kontor, and an operator of ' +
      'Kontor must check it. Nothing is ordered until then.',
    { retryAfterSeconds: 30 },
  )
}
