import { BrokerError } from '../errors.ts'
import { derivedId } from '../ids.ts'
import { integrityOf, noteRow } from '../vault/sealed-rows/integrity.ts'
import type { Vault } from '../vault/vault.ts'
import type { CatalogPlan } from './snapshot.ts'

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
