import type { BindingResult } from '../backends/backend.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import { newId, newOpaqueId } from '../ids.ts'
import type { Instance } from '../instances/instance.ts'
import { atOneTime, lookUpInstance } from '../instances/look-up.ts'
import { deadlineFor, type OrderDeps, type OrderSource } from '../instances/order.ts'
import { answerOf, submitOrder, validateSubmission } from '../instances/submit-order.ts'
import { listRunning } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import type { StepResult } from '../operations/step-result.ts'
import { validateOrdering } from '../tenancy/resolve-ordering-organisation.ts'
import type { BindRequest } from '../types.gen.ts'
import { requestAad, type Binding, type BindingRequest } from './binding.ts'
import { findPredecessor } from './predecessor.ts'
import { validateRead } from './read-at-provider.ts'
import { readCredentials } from './read-credentials.ts'
import { findBinding, findBindingByKey, insertBinding } from './store.ts'

export interface BindOrder extends OrderSource {
  readonly instanceId: string
  readonly bindingId: string
  readonly body: BindRequest
}

/** What the platform is told of a bind. */
export type Bound =
  | { readonly kind: 'done' | 'repeated'; readonly result: BindingResult }
  | { readonly kind: 'accepted'; readonly operationId: string }
  /** It was only checked, and would be taken. */
  | { readonly kind: 'validated' }

/**
 * Orders a binding, or rotates one when the body names a predecessor.
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request`, `not_bindable`, `not_rotatable`, `invalid_parameters`, `conflict`, ...
 */
export async function bind(deps: OrderDeps, order: BindOrder): Promise<Bound> {
  const { instance, running } = await atOneTime(
    deps.db,
    await lookUpInstance(deps.db, order.platformId, order.instanceId),
  )
  assertBelongs(order.body, instance)
  const digest = digestOf(deps, order.body)
  const existing = await findBinding(deps.db, order.platformId, order.bindingId)
  if (existing !== undefined) {
    return repeat(deps, order, instance, existing, digest)
  }
  assertFree(running)
  const plan = deps.catalog.current().plans.get(instance.planId)
  assertBindable(plan, instance)
  const predecessor = await findPredecessor(deps, order, instance, plan)
  const validationError =
    validateOrdering(deps.directory, order.platformId, instance.organisationId) ??
    (await deps.parameters.validate(plan, 'bind', order.body.parameters))
  if (validationError !== undefined) throw validationError
  if (order.isDryRun) {
    await validateSubmission(deps, instance.providerId, {
      acceptsIncomplete: order.acceptsIncomplete && canBeCollected(plan),
    })
    return { kind: 'validated' }
  }

  const submitted = await submitOrder(
    deps,
    instance.providerId,
    { ...order, acceptsIncomplete: order.acceptsIncomplete && canBeCollected(plan) },
    async (tx, insert, now) => {
      const key = newId(now)
      const isNew = await insertBinding(
        tx,
        {
          key,
          platformId: order.platformId,
          bindingId: order.bindingId,
          instanceKey: instance.key,
          upstreamId: newOpaqueId(),
          predecessorKey: predecessor?.key ?? null,
          request: deps.vault.seal(
            requestOf(deps, order.body, predecessor),
            requestAad(key, order.platformId),
          ),
          requestDigest: digest,
        },
        now,
      )
      if (!isNew) return undefined
      const operation = await insert({
        id: newId(now),
        platformId: order.platformId,
        providerId: instance.providerId,
        instanceKey: instance.key,
        bindingKey: key,
        instanceId: order.instanceId,
        bindingId: order.bindingId,
        kind: 'bind',
        // A provider whose bindings cannot be fetched must answer at once: later its credentials could not be read.
        acceptsIncomplete: order.acceptsIncomplete && canBeCollected(plan),
        deadlineAt: deadlineFor(deps, plan, now),
        originatingIdentity: order.originatingIdentity,
        requestIdentity: order.requestIdentity,
      })
      // The constraint refused the operation, so the binding must not stay either.
      if (operation === undefined)
        throw new BrokerError('concurrency', 'Another operation on this instance is under way.')
      return operation
    },
  )
  if (submitted === undefined) {
    const again = await findBinding(deps.db, order.platformId, order.bindingId)
    if (again !== undefined) return repeat(deps, order, instance, again, digest)
    throw new BrokerError(
      'concurrency',
      'Another order for this binding has just ended. Send this one again.',
    )
  }
  assertNoContradiction(order, submitted.stepResult)
  const answer = answerOf(submitted.operation, submitted.stepResult)
  // A bind's effect yields a BindingResult (bindings/bind-effect.ts).
  return answer === undefined
    ? { kind: 'accepted', operationId: submitted.operation.id }
    : { kind: 'done', result: answer.result as BindingResult }
}

function assertBelongs(body: BindRequest, instance: Instance): void {
  if (body.service_id !== undefined && body.service_id !== instance.offeringId)
    throw new BrokerError('invalid_request', 'service_id is not that of the instance.')
  // The plan before the last change will do, as with a delete: a platform that was told an error keeps it.
  const plans = [undefined, instance.planId, instance.previousPlanId]
  if (!plans.includes(body.plan_id))
    throw new BrokerError('invalid_request', 'plan_id is not that of the instance.')
}

function assertBindable(
  plan: CatalogPlan | undefined,
  instance: Instance,
): asserts plan is CatalogPlan {
  if (plan?.bindable !== true)
    throw new BrokerError('not_bindable', 'Instances of this plan cannot be bound.')
  if (instance.state !== 'ready')
    throw new BrokerError(
      'failed_instance',
      'The instance could not be provisioned; it can only be deprovisioned.',
    )
  if (!instance.usable)
    throw new BrokerError(
      'failed_instance',
      'The provider says that the instance cannot be used at present.',
    )
}

function assertFree(running: readonly Operation[]): void {
  const blocking = running.find((operation) => operation.bindingKey === null)
  if (blocking !== undefined)
    throw new BrokerError(
      'concurrency',
      `Another operation (${blocking.kind}) on this instance is under way.`,
    )
}

// The platform allowed it and cannot do more; it is we who did not, for the credentials could never be read.
function assertNoContradiction(order: BindOrder, stepResult: StepResult | undefined): void {
  if (
    !order.acceptsIncomplete ||
    stepResult?.state !== 'failed' ||
    stepResult.failure.reason !== 'async_required'
  )
    return
  throw new BrokerError(
    'provider_failed',
    'The provider makes bindings asynchronously only, but does not let them be fetched.',
  )
}

function canBeCollected(plan: CatalogPlan | undefined): boolean {
  return plan?.offering.upstreamFlags.bindingsRetrievable === true
}

function digestOf(deps: OrderDeps, body: BindRequest): Buffer {
  return deps.vault.digest({
    parameters: body.parameters ?? {},
    bindResource: body.bind_resource ?? {},
    appGuid: body.app_guid ?? null,
    predecessor: body.predecessor_binding_id ?? null,
  })
}

// A rotation takes over what its predecessor was ordered with; the platform need not know it any more.
function requestOf(
  deps: OrderDeps,
  body: BindRequest,
  predecessor: Binding | undefined,
): BindingRequest {
  const inherited =
    predecessor === undefined
      ? {}
      : (deps.vault.open(
          predecessor.request,
          requestAad(predecessor.key, predecessor.platformId),
        ) as BindingRequest)
  const { bindResource: _resource, appGuid: _app, ...unscoped } = inherited
  return {
    // The app can be named in either of two fields: who names one names it anew, and the other must not contradict.
    ...(body.bind_resource === undefined && body.app_guid === undefined ? inherited : unscoped),
    ...(body.context === undefined ? {} : { context: body.context }),
    ...(body.bind_resource === undefined ? {} : { bindResource: body.bind_resource }),
    ...(body.app_guid === undefined ? {} : { appGuid: body.app_guid }),
    ...(body.parameters === undefined ? {} : { parameters: body.parameters }),
  }
}

/** @returns undefined when it is only asked whether there are any: its provider is not called, and nobody has read them */
async function credentialsOf(
  deps: OrderDeps,
  order: BindOrder,
  instance: Instance,
  binding: Binding,
): Promise<BindingResult | undefined> {
  try {
    if (!order.isDryRun) return await readCredentials(deps, instance, binding)
    if (binding.result === null) await validateRead(deps, instance)
    return undefined
  } catch (error) {
    // The order is right, and 200 would promise credentials; to send it there again might make another binding.
    if (error instanceof BrokerError && error.code === 'not_retrievable')
      throw new BrokerError('lost', `${error.message} Unbind it, and bind anew.`)
    throw error
  }
}

/** Answers an order for a binding that exists: by what it is and how it stands. */
async function repeat(
  deps: OrderDeps,
  order: BindOrder,
  instance: Instance,
  seen: Binding,
  digest: Buffer,
): Promise<Bound> {
  const all = await listRunning(deps.db, order.platformId, instance.key)
  const running = all.find((operation) => operation.bindingKey === seen.key)
  // Its operation may have ended after it was read.
  const binding =
    running === undefined
      ? ((await findBindingByKey(deps.db, order.platformId, seen.key)) ?? seen)
      : seen
  if (binding.state === 'gone')
    throw new BrokerError(
      'concurrency',
      'Another order for this binding has just ended. Send this one again.',
    )
  if (binding.instanceKey !== instance.key)
    throw new BrokerError('conflict', 'The binding_id is in use under another instance.')
  if (running?.kind === 'unbind')
    throw new BrokerError('concurrency', 'The binding is being deleted.')
  // Its credentials go with the instance: a 200 would promise what is about to be gone.
  if (all.some(({ kind }) => kind === 'deprovision'))
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  if (!binding.requestDigest.equals(digest))
    throw new BrokerError(
      'conflict',
      'A binding with this id exists, ordered with other attributes.',
    )
  if (running !== undefined) {
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
        'The binding is being made; only an asynchronous request can wait for it.',
      )
    return order.isDryRun ? { kind: 'validated' } : { kind: 'accepted', operationId: running.id }
  }
  if (binding.state !== 'ready')
    throw new BrokerError(
      'conflict',
      'The binding with this id could not be made. Unbind it before you order it again.',
    )
  const result = await credentialsOf(deps, order, instance, binding)
  return result === undefined ? { kind: 'validated' } : { kind: 'repeated', result }
}
