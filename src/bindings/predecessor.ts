import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError, type ErrorCode } from '../errors.ts'
import type { InstanceWithOperations } from '../instances/instance-with-operations.ts'
import type { OrderDeps } from '../instances/order.ts'
import { findBinding, type VersionedBinding } from './store.ts'

export interface RotationOrder {
  readonly platformId: string
  readonly bindingId: string
  readonly body: { readonly predecessor_binding_id?: string }
}

/** Of an ordinary bind both fields are undefined. */
export interface Predecessor {
  /** The binding that a rotation replaces. */
  readonly predecessor?: VersionedBinding
  /**
   * `not_rotatable`, `concurrency`, or `invalid_request` for a binding that cannot be a
   * predecessor.
   */
  readonly error?: BrokerError
}

export async function resolvePredecessor(
  deps: OrderDeps,
  order: RotationOrder,
  plan: CatalogPlan,
  { instance, running }: InstanceWithOperations,
): Promise<Predecessor> {
  const id = order.body.predecessor_binding_id
  if (id === undefined) return {}
  if (!plan.rotatable) return refuse('not_rotatable', 'Bindings of this plan cannot be rotated.')
  if (id === order.bindingId)
    return refuse('invalid_request', "predecessor_binding_id must not be the new binding's own id.")
  const predecessor = await findBinding(deps.db, order.platformId, id)
  if (predecessor === undefined || predecessor.instanceKey !== instance.key)
    return refuse('invalid_request', 'predecessor_binding_id names no binding of this instance.')
  if (running.some((operation) => operation.bindingKey === predecessor.key))
    return refuse('concurrency', 'Another operation on the predecessor is under way.')
  if (predecessor.state !== 'ready')
    return refuse(
      'invalid_request',
      'predecessor_binding_id names a binding that could not be made.',
    )
  if (predecessor.expiresAt !== null && predecessor.expiresAt <= deps.now())
    return refuse('invalid_request', 'predecessor_binding_id names a binding that has expired.')
  return { predecessor }
}

function refuse(code: ErrorCode, message: string): Predecessor {
  return { error: new BrokerError(code, message) }
}
