import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { OrderDeps } from '../instances/order.ts'
import { listRunning } from '../operations/begin.ts'
import type { Binding } from './binding.ts'
import { findBinding } from './store.ts'

export interface RotationOrder {
  readonly platformId: string
  readonly bindingId: string
  readonly body: { readonly predecessor_binding_id?: string }
}

/**
 * The binding that a rotation replaces; undefined for an ordinary bind.
 * @throws BrokerError `not_rotatable`, `concurrency`, or `invalid_request` for one that cannot be a predecessor
 */
export async function findPredecessor(
  deps: OrderDeps,
  order: RotationOrder,
  instance: Instance,
  plan: CatalogPlan | undefined,
): Promise<Binding | undefined> {
  const id = order.body.predecessor_binding_id
  if (id === undefined) return undefined
  if (plan?.rotatable !== true)
    throw new BrokerError('not_rotatable', 'Bindings of this plan cannot be rotated.')
  if (id === order.bindingId)
    throw new BrokerError(
      'invalid_request',
      "predecessor_binding_id must not be the new binding's own id.",
    )
  const predecessor = await findBinding(deps.db, order.platformId, id)
  if (predecessor === undefined || predecessor.instanceKey !== instance.key)
    throw new BrokerError(
      'invalid_request',
      'predecessor_binding_id names no binding of this instance.',
    )
  const running = await listRunning(deps.db, order.platformId, instance.key)
  if (running.some((operation) => operation.bindingKey === predecessor.key))
    throw new BrokerError('concurrency', 'Another operation on the predecessor is under way.')
  if (predecessor.state !== 'ready')
    throw new BrokerError(
      'invalid_request',
      'predecessor_binding_id names a binding that could not be made.',
    )
  if (predecessor.expiresAt !== null && predecessor.expiresAt <= deps.now())
    throw new BrokerError(
      'invalid_request',
      'predecessor_binding_id names a binding that has expired.',
    )
  return predecessor
}
