import type { InstanceResult } from '../backends/backend.ts'
import { reserveQuotaForUpdate, quotaSubject } from '../access/quotas/reserve-quota.ts'
import { validateMaintenance } from '../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { listRunning } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import { validateOrdering } from '../tenancy/resolve-ordering-organisation.ts'
import type { UpdateRequest } from '../types.gen.ts'
import { changeAad, type UpdateChange } from './change.ts'
import type { Instance } from './instance.ts'
import { deadlineFor, type OrderDeps, type OrderSource, type OrderResult } from './order.ts'
import { answerOf, submitOrder } from './submit-order.ts'
import { atOneTime, lookUpInstance } from './look-up.ts'

export interface UpdateOrder extends OrderSource {
  readonly instanceId: string
  readonly body: UpdateRequest
}

/**
 * Changes an instance: plan, parameters, context, maintenance version. The same change sent again while it runs is
 * the same operation.
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request`, `unknown_plan`, `not_offered`, `change_over_quota`, `plan_not_updateable`,
 * `invalid_parameters`, `concurrency`, ...
 */
export async function update(deps: OrderDeps, order: UpdateOrder): Promise<OrderResult> {
  const { instance, running } = await atOneTime(
    deps.db,
    await lookUpInstance(deps.db, order.platformId, order.instanceId),
  )
  if (order.body.service_id !== instance.offeringId)
    throw new BrokerError('invalid_request', 'service_id is not that of the instance.')
  const digest = digestOf(deps, order.body)
  const busy = judgeBusy(order, instance, running, digest)
  if (busy !== undefined) return busy
  if (instance.state === 'gone') throw new BrokerError('not_found', 'There is no such instance.')
  if (instance.state !== 'ready')
    throw new BrokerError(
      'failed_instance',
      'The instance could not be provisioned; it can only be deprovisioned.',
    )
  // What was ordered before its platform had an organisation is for that.
  const organisationId =
    instance.organisationId ?? deps.directory.platform(order.platformId)?.organisationId ?? null
  const change = checkedChange(deps, order.body, instance, organisationId)
  if (change === undefined) return { kind: 'done' }
  // What is suspended gets no more than it has; to keep that up to date is no order.
  const isMore = change.planId !== undefined || change.parameters !== undefined
  const refusal = isMore
    ? validateOrdering(deps.directory, order.platformId, instance.organisationId)
    : undefined
  if (refusal !== undefined) throw refusal
  const target = planOf(deps, change.planId ?? instance.planId)
  const validationError =
    target === undefined
      ? undefined
      : await deps.parameters.validate(target, 'update', change.parameters)
  if (validationError !== undefined) throw validationError

  const now = deps.now()
  const operationId = newId(now)
  const submitted = await submitOrder(deps, instance.providerId, order, async (tx, insert) => {
    const operation = await insert({
      id: operationId,
      platformId: order.platformId,
      providerId: instance.providerId,
      instanceKey: instance.key,
      instanceId: order.instanceId,
      kind: 'update',
      acceptsIncomplete: order.acceptsIncomplete,
      deadlineAt: deadlineFor(deps, target, now),
      change: deps.vault.seal(change, changeAad(operationId, order.platformId)),
      targetPlanId: change.planId,
      requestDigest: digest,
      originatingIdentity: order.originatingIdentity,
      requestIdentity: order.requestIdentity,
    })
    if (operation !== undefined && change.planId !== undefined && target !== undefined) {
      await reserveQuotaForUpdate(
        tx,
        deps.directory,
        quotaSubject(target, order.platformId, organisationId),
      )
    }
    return operation
  })
  if (submitted === undefined) {
    const again = judgeBusy(
      order,
      instance,
      await listRunning(deps.db, order.platformId, instance.key),
      digest,
    )
    if (again !== undefined) return again
    throw new BrokerError(
      'concurrency',
      'Another operation on this instance has just ended. Send the request again.',
    )
  }
  const { operation, stepResult } = submitted
  const answer = answerOf(operation, stepResult)
  // An update's effect yields an InstanceResult (instances/update-effect.ts).
  const told = (answer?.result ??
    (stepResult?.state === 'waiting' ? stepResult.result : undefined)) as InstanceResult | undefined
  return answer === undefined
    ? { kind: 'accepted', operationId: operation.id, ...told }
    : { kind: 'done', ...told }
}

function planOf(deps: OrderDeps, planId: string): CatalogPlan | undefined {
  return deps.catalog.current().plans.get(planId)
}

function digestOf(deps: OrderDeps, body: UpdateRequest): Buffer {
  return deps.vault.digest({
    plan: body.plan_id ?? null,
    parameters: body.parameters ?? null,
    context: body.context ?? null,
    maintenance: body.maintenance_info?.version ?? null,
  })
}

/** The same request again is the same operation; any other has to wait. */
function judgeBusy(
  order: UpdateOrder,
  instance: Instance,
  [running]: readonly Operation[],
  digest: Buffer,
): OrderResult | undefined {
  if (running === undefined) return undefined
  if (!isSameUpdate(running, digest))
    throw new BrokerError(
      'concurrency',
      `Another operation (${running.kind}) on this instance is under way.`,
    )
  if (!order.acceptsIncomplete)
    throw new BrokerError(
      'async_required',
      'The update is under way; only an asynchronous request can wait for it.',
    )
  return {
    kind: 'accepted',
    operationId: running.id,
    dashboardUrl: instance.dashboardUrl ?? undefined,
  }
}

function isSameUpdate(running: Operation, digest: Buffer): boolean {
  return (
    running.kind === 'update' &&
    running.requestDigest !== null &&
    running.requestDigest.equals(digest)
  )
}

/** @returns undefined when there is nothing to send: no change, or one of context alone that the offering does not take */
function checkedChange(
  deps: OrderDeps,
  body: UpdateRequest,
  instance: Instance,
  organisationId: string | null,
): UpdateChange | undefined {
  const current = planOf(deps, instance.planId)
  const changesPlan = body.plan_id !== undefined && body.plan_id !== instance.planId
  const target = changesPlan ? planOf(deps, body.plan_id ?? '') : current
  if (target === undefined || target.offering.id !== instance.offeringId) throw unknownPlan()
  const refusal = changesPlan
    ? deps.visibility.validate(target, instance.platformId, organisationId)
    : undefined
  if (refusal !== undefined) throw refusal.code === 'unknown_plan' ? unknownPlan() : refusal
  if (changesPlan && !target.isPublished)
    throw new BrokerError('plan_withdrawn', `The plan "${target.name}" is no longer offered.`)
  if (changesPlan && current?.updateable !== true)
    throw new BrokerError(
      'plan_not_updateable',
      `Instances of the plan "${current?.name ?? ''}" cannot change their plan.`,
    )
  const validationError = validateMaintenance(target, body.maintenance_info?.version)
  if (validationError !== undefined) throw validationError
  const onlyContext =
    !changesPlan && body.parameters === undefined && body.maintenance_info === undefined
  if (onlyContext && !(target.contextUpdates && body.context !== undefined)) return undefined
  return {
    ...(changesPlan ? { planId: target.id, upstreamPlanId: target.target.upstreamPlanId } : {}),
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
