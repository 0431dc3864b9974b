import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import { decideOrder, refuse, type Allowed, type Refused } from '../instances/decide.ts'
import type { Instance } from '../instances/instance.ts'
import type { InstanceWithOperations } from '../instances/instance-with-operations.ts'
import type { OrderDeps, OrderSource } from '../instances/order.ts'
import type { Operation } from '../operations/operation.ts'
import { validateOrdering } from '../tenancy/ordering-organisation.ts'
import type { BindRequest } from '../types.gen.ts'
import { resolvePredecessor } from './predecessor.ts'
import type { VersionedBinding } from './store.ts'

export interface BindAllowed extends Allowed {
  /** The binding that a rotation replaces. */
  readonly predecessor: VersionedBinding | undefined
  /**
   * A provider whose bindings cannot be fetched must answer at once: later its credentials could
   * not be read.
   */
  readonly acceptsIncomplete: boolean
}

/** Resolves plan and predecessor of a binding, and decides whether it may be ordered. */
export async function decideBind(
  deps: OrderDeps,
  order: OrderSource & { readonly bindingId: string; readonly body: BindRequest },
  { instance, running }: InstanceWithOperations,
): Promise<BindAllowed | Refused> {
  const plan = deps.catalog.current().plans.get(instance.planId)
  const error = validateFree(running) ?? validateBindable(plan, instance)
  if (error !== undefined || plan === undefined) return refuse(error ?? notBindable())
  const { predecessor, error: noPredecessor } = await resolvePredecessor(deps, order, plan, {
    instance,
    running,
  })
  const closed =
    noPredecessor ?? validateOrdering(deps.directory, order.platformId, instance.organisationId)
  if (closed !== undefined) return refuse(closed)
  const acceptsIncomplete =
    order.acceptsIncomplete && plan.offering.upstreamFlags.bindingsRetrievable
  const decision = await decideOrder(
    deps,
    { ...order, acceptsIncomplete },
    {
      kind: 'bind',
      plan,
      organisationId: instance.organisationId,
      parameters: order.body.parameters,
    },
  )
  return decision.kind === 'refused' ? decision : { ...decision, predecessor, acceptsIncomplete }
}

function validateFree(running: readonly Operation[]): BrokerError | undefined {
  const blocking = running.find((operation) => operation.bindingKey === null)
  return blocking === undefined
    ? undefined
    : new BrokerError(
        'concurrency',
        `Another operation (${blocking.kind}) on this instance is under way.`,
      )
}

function validateBindable(
  plan: CatalogPlan | undefined,
  { state, usable }: Instance,
): BrokerError | undefined {
  if (plan?.bindable !== true) return notBindable()
  if (state !== 'ready')
    return new BrokerError(
      'failed_instance',
      'The instance could not be provisioned; it can only be deprovisioned.',
    )
  return usable
    ? undefined
    : new BrokerError(
        'failed_instance',
        'The provider says that the instance cannot be used at present.',
      )
}

function notBindable(): BrokerError {
  return new BrokerError('not_bindable', 'Instances of this plan cannot be bound.')
}
