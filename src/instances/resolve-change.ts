import { explainWithdrawal } from '../catalog/explain-withdrawal.ts'
import { validateMaintenance } from '../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import type { UpdateRequest } from '../types.gen.ts'
import type { UpdateChange } from './change.ts'
import type { Instance } from './instance.ts'
import type { OrderDeps } from './order.ts'

export interface ResolvedChange {
  readonly change: UpdateChange
  /** The plan that the instance has after the update. */
  readonly plan: CatalogPlan
  /** For which the instance counts; null: for none. */
  readonly organisationId: string | null
}

/**
 * What an update changes, by the catalog and the rules that hold now.
 * @returns undefined when there is nothing to send: no change, or one of context alone that the
 * offering does not take
 * @throws BrokerError `unknown_plan`, `not_offered`, `plan_withdrawn`, `plan_not_updateable`,
 * `maintenance_info_conflict`
 */
export async function resolveChange(
  deps: OrderDeps,
  body: UpdateRequest,
  instance: Instance,
): Promise<ResolvedChange | undefined> {
  const { plans } = deps.catalog.current()
  const current = plans.get(instance.planId)
  const changesPlan = body.plan_id !== undefined && body.plan_id !== instance.planId
  const plan = changesPlan ? plans.get(body.plan_id ?? '') : current
  if (plan === undefined || plan.offering.id !== instance.offeringId) throw unknownPlan()
  // An instance that was ordered before its platform had an organisation counts for that one.
  const organisationId =
    instance.organisationId ?? deps.directory.platform(instance.platformId)?.organisationId ?? null
  if (changesPlan) await assertOffered(deps, plan, current, instance.platformId, organisationId)
  const outdated = validateMaintenance(plan, body.maintenance_info?.version)
  if (outdated !== undefined) throw outdated
  const isContextOnly =
    !changesPlan && body.parameters === undefined && body.maintenance_info === undefined
  if (isContextOnly && !(plan.contextUpdates && body.context !== undefined)) return undefined
  return { change: changeOf(body, changesPlan ? plan : undefined), plan, organisationId }
}

async function assertOffered(
  deps: OrderDeps,
  plan: CatalogPlan,
  current: CatalogPlan | undefined,
  platformId: string,
  organisationId: string | null,
): Promise<void> {
  const refusal = deps.visibility.validate(plan, platformId, organisationId)
  // A concealed plan gets the error of one that does not exist.
  if (refusal !== undefined) throw refusal.code === 'unknown_plan' ? unknownPlan() : refusal
  if (!plan.isPublished) throw await explainWithdrawal(deps.db, plan)
  if (current?.updateable !== true)
    throw new BrokerError(
      'plan_not_updateable',
      `Instances of the plan "${current?.name ?? ''}" cannot change their plan.`,
    )
}

function changeOf(body: UpdateRequest, newPlan: CatalogPlan | undefined): UpdateChange {
  return {
    ...(newPlan === undefined
      ? {}
      : { planId: newPlan.id, upstreamPlanId: newPlan.target.upstreamPlanId }),
    ...(body.parameters === undefined ? {} : { parameters: body.parameters }),
    ...(body.context === undefined ? {} : { context: body.context }),
    ...(body.maintenance_info === undefined
      ? {}
      : { maintenanceVersion: body.maintenance_info.version }),
  }
}

function unknownPlan(): BrokerError {
  return new BrokerError('unknown_plan', "plan_id is no plan of the instance's offering.")
}
