import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { lookUpProviderIfAny } from '../providers/look-up-provider.ts'
import type { CatalogFinding } from '../types.gen.ts'
import { haveUnknownFaults } from './reading/limit-findings.ts'
import { findCatalogState } from './readings/store.ts'
import type { CatalogPlan, PlanTarget } from './snapshot.ts'

/** The refusal of an order for a plan that is not published any more, with the true reason. */
export async function explainWithdrawal(db: Db, plan: CatalogPlan): Promise<BrokerError> {
  const subject = `The plan "${plan.name}" of "${plan.offering.name}"`
  const { providerId } = plan.target
  const provider = await lookUpProviderIfAny(db, 'all', providerId)
  if (provider?.state !== 'active') return providerClosed(plan)
  const findings = (await findCatalogState(db, providerId))?.findings ?? []
  const fault = findings.find((finding) => withholds(finding, plan.target))
  return new BrokerError('plan_withdrawn', `${subject} ${reasonOf(fault, findings)}`)
}

function reasonOf(fault: CatalogFinding | undefined, findings: readonly CatalogFinding[]): string {
  if (fault !== undefined)
    return (
      'cannot be ordered until its provider corrects its catalog: ' +
      fault.problem.slice(0, 500).toWellFormed()
    )
  return haveUnknownFaults(findings)
    ? 'is no longer offered by its provider, or cannot be ordered until its provider corrects ' +
        'its catalog, which has too many faults to name this one.'
    : 'is no longer offered by its provider.'
}

/** The refusal of an order for a plan whose provider is drained or removed. */
export function providerClosed(plan: CatalogPlan): BrokerError {
  return new BrokerError(
    'plan_withdrawn',
    `The plan "${plan.name}" of "${plan.offering.name}" is no longer offered: its provider takes ` +
      'no new orders.',
  )
}

function withholds(
  { effect, offeringId, planId }: CatalogFinding,
  { upstreamServiceId, upstreamPlanId }: PlanTarget,
): boolean {
  return (
    offeringId === upstreamServiceId &&
    (effect === 'offering_withheld' || (effect === 'plan_withheld' && planId === upstreamPlanId))
  )
}
