import { reserveQuota, validateOneMore, quotaSubject } from '../access/quotas/reserve-quota.ts'
import { validatePlan, resolvePlan } from '../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import { newId, newOpaqueId } from '../ids.ts'
import type { ProvisionRequest } from '../types.gen.ts'
import type { InstanceResult } from '../backends/backend.ts'
import { lookUpProviderIfAny } from '../providers/look-up.ts'
import {
  validateOrdering,
  resolveOrderingOrganisation,
} from '../tenancy/resolve-ordering-organisation.ts'
import { openExtensions } from './extensions.ts'
import { parametersAad, type Instance } from './instance.ts'
import { deadlineFor, type OrderDeps, type OrderSource, type OrderResult } from './order.ts'
import { answerOf, submitOrder, validateSubmission } from './submit-order.ts'
import { atOneTime } from './look-up.ts'
import { findInstance, insertInstance } from './store.ts'

export interface ProvisionOrder extends OrderSource {
  readonly instanceId: string
  readonly body: ProvisionRequest
}

/**
 * Orders an instance. The same order again is one instance; another order under the same id is a conflict.
 * @throws BrokerError `forbidden`, `unknown_plan`, `not_offered`, `plan_withdrawn`, `quota_exceeded`, `maintenance_info_conflict`, `invalid_parameters`, `conflict`,
 * `concurrency`, `async_required`, `rate_limited`, `provider_unavailable`, or what the provider answered
 */
export async function provision(deps: OrderDeps, order: ProvisionOrder): Promise<OrderResult> {
  const plan = resolvePlan(deps.catalog.current(), order.body.service_id, order.body.plan_id)
  const ordering = resolveOrderingOrganisation(deps.directory, order.platformId, order.body)
  const organisationId = ordering.organisation?.id ?? null
  // Before all that tells something of the plan: whoever may not see it may not know that there is one.
  const validationError =
    ordering.validationError ??
    (plan === undefined
      ? undefined
      : deps.visibility.validate(plan, order.platformId, organisationId)) ??
    validatePlan(plan, order.body.maintenance_info?.version) ??
    (plan === undefined
      ? undefined
      : await deps.parameters.validate(plan, 'provision', order.body.parameters))
  if (validationError !== undefined || plan === undefined) {
    // An order sent again is judged before the catalog is: a catalog that changed meanwhile must not break a retry.
    const existing = await findInstance(deps.db, order.platformId, order.instanceId)
    if (existing !== undefined) return validated(order, await repeat(deps, order, existing))
    throw validationError ?? new BrokerError('unknown_plan', 'There is no such plan.')
  }
  if (order.isDryRun) return dryRun(deps, order, plan, organisationId)
  const submitted = await place(deps, order, plan, organisationId).catch(async (error: unknown) => {
    if (
      !(error instanceof BrokerError) ||
      (error.code !== 'rate_limited' && error.code !== 'provider_unavailable')
    )
      throw error
    // An order sent again needs no provider for its answer.
    if ((await findInstance(deps.db, order.platformId, order.instanceId)) === undefined) throw error
    return undefined
  })
  if (submitted !== undefined) return submitted
  const existing = await findInstance(deps.db, order.platformId, order.instanceId)
  if (existing !== undefined) return repeat(deps, order, existing)
  await assertOffered(deps, plan)
  // Its platform or organisation was retired, which this process had not heard of yet.
  await deps.directory.reload()
  const late = validateOrdering(deps.directory, order.platformId, organisationId)
  if (late !== undefined) throw late
  // It was there when we wrote and is gone now that we look: deleted, or its order failed, in between.
  throw new BrokerError(
    'concurrency',
    'Another order for this instance has just ended. Send this one again.',
  )
}

async function assertOffered(deps: OrderDeps, plan: CatalogPlan): Promise<void> {
  const provider = await lookUpProviderIfAny(deps.db, 'all', plan.target.providerId)
  if (provider?.state !== 'active')
    throw new BrokerError('plan_withdrawn', `The plan "${plan.name}" is no longer offered.`)
}

/** All that would be checked if it were meant. */
async function dryRun(
  deps: OrderDeps,
  order: ProvisionOrder,
  plan: CatalogPlan,
  organisationId: string | null,
): Promise<OrderResult> {
  const existing = await findInstance(deps.db, order.platformId, order.instanceId)
  if (existing !== undefined) return validated(order, await repeat(deps, order, existing))
  await assertOffered(deps, plan)
  await validateSubmission(deps, plan.target.providerId, order)
  const validationError = await validateOneMore(
    deps.db,
    deps.directory,
    quotaSubject(plan, order.platformId, organisationId),
  )
  if (validationError !== undefined) throw validationError
  return { kind: 'validated' }
}

function validated(order: ProvisionOrder, answer: OrderResult): OrderResult {
  return order.isDryRun ? { kind: 'validated' } : answer
}

async function place(
  deps: OrderDeps,
  order: ProvisionOrder,
  plan: CatalogPlan,
  organisationId: string | null,
): Promise<OrderResult | undefined> {
  const submitted = await submitOrder(
    deps,
    plan.target.providerId,
    order,
    async (tx, insert, now) => {
      const instance = newInstance(deps, order, plan, organisationId, now)
      const quotas = await insertInstance(tx, instance, now)
      if (quotas === undefined) return undefined
      const operation = await insert({
        id: newId(now),
        platformId: order.platformId,
        providerId: instance.providerId,
        instanceKey: instance.key,
        instanceId: order.instanceId,
        kind: 'provision',
        acceptsIncomplete: order.acceptsIncomplete,
        deadlineAt: deadlineFor(deps, plan, now),
        originatingIdentity: order.originatingIdentity,
        requestIdentity: order.requestIdentity,
      })
      await reserveQuota(tx, deps.directory, quotas)
      return operation
    },
  )
  if (submitted === undefined) return undefined
  const { operation, stepResult } = submitted
  const answer = answerOf(operation, stepResult)
  // A provision's effect yields an InstanceResult (instances/provision-effect.ts).
  const told = (answer?.result ??
    (stepResult?.state === 'waiting' ? stepResult.result : undefined)) as InstanceResult | undefined
  return answer === undefined
    ? { kind: 'accepted', operationId: operation.id, ...told }
    : { kind: 'done', ...told }
}

function newInstance(
  deps: OrderDeps,
  order: ProvisionOrder,
  plan: CatalogPlan,
  organisationId: string | null,
  now: Date,
): Parameters<typeof insertInstance>[1] {
  const { body, platformId, instanceId } = order
  const key = newId(now)
  return {
    key,
    platformId,
    instanceId,
    providerId: plan.target.providerId,
    offeringId: plan.offering.id,
    planId: plan.id,
    upstreamId: newOpaqueId(),
    upstreamServiceId: plan.target.upstreamServiceId,
    upstreamPlanId: plan.target.upstreamPlanId,
    organizationGuid: body.organization_guid,
    spaceGuid: body.space_guid,
    organisationId,
    context: body.context ?? null,
    parameters:
      body.parameters === undefined
        ? null
        : deps.vault.seal(body.parameters, parametersAad(key, platformId)),
    parametersDigest: deps.vault.digest(body.parameters ?? {}),
    maintenanceVersion: body.maintenance_info?.version ?? null,
  }
}

/** Answers an order for an instance that exists: by what it is and how it stands. */
async function repeat(
  deps: OrderDeps,
  order: ProvisionOrder,
  seen: Instance,
): Promise<OrderResult> {
  const { instance, running: all } = await atOneTime(deps.db, seen)
  const running = all.find((operation) => operation.bindingKey === null)
  if (instance.state === 'gone')
    throw new BrokerError(
      'concurrency',
      'Another order for this instance has just ended. Send this one again.',
    )
  if (running?.kind === 'deprovision')
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  if (!isSameOrder(deps, order, instance))
    throw new BrokerError(
      'conflict',
      'An instance with this id exists, ordered with other attributes.',
    )
  if (running?.kind === 'provision') {
    const isRemoving = running.state === 'compensating' || running.state === 'parked'
    // Whoever was told 202 hears of the failure by that operation; whoever was told at once may order anew after it.
    if (isRemoving && !running.acceptsIncomplete)
      throw new BrokerError(
        'concurrency',
        'The order failed, and what it left at the provider is being removed.',
      )
    if (!order.acceptsIncomplete)
      throw new BrokerError(
        'async_required',
        'The instance is being provisioned; only an asynchronous request can wait for it.',
      )
    return { kind: 'accepted', operationId: running.id, ...known(deps, instance) }
  }
  if (instance.state === 'ready') return { kind: 'repeated', ...known(deps, instance) }
  throw new BrokerError(
    'conflict',
    'The instance with this id could not be provisioned. Deprovision it before you order it again.',
  )
}

function known(
  deps: OrderDeps,
  instance: Instance,
): Pick<OrderResult, 'dashboardUrl' | 'metadata' | 'extensions'> {
  return {
    dashboardUrl: instance.dashboardUrl,
    metadata: instance.metadata,
    extensions: openExtensions(deps.vault, instance),
  }
}

function isSameOrder(deps: OrderDeps, { body }: ProvisionOrder, instance: Instance): boolean {
  return (
    instance.offeringId === body.service_id &&
    instance.planId === body.plan_id &&
    instance.organizationGuid === body.organization_guid &&
    instance.spaceGuid === body.space_guid &&
    instance.parametersDigest !== null &&
    instance.parametersDigest.equals(deps.vault.digest(body.parameters ?? {}))
  )
}
