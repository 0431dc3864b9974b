import type { Instance } from '../instances/instance.ts'
import { loadInstance, type HandlerDeps } from '../instances/load.ts'
import type { Operation } from '../operations/operation.ts'
import type { Binding } from './binding.ts'
import { findBindingByKey } from './store.ts'

export interface BindingOfInstance {
  readonly instance: Instance
  readonly binding: Binding
}

/**
 * The binding of an operation, and its instance. Their rows are written before the operation's and
 * never deleted.
 */
export async function loadBoth(
  deps: HandlerDeps,
  operation: Operation,
): Promise<BindingOfInstance> {
  const { id, platformId, bindingKey } = operation
  const [instance, binding] = await Promise.all([
    loadInstance(deps, operation),
    bindingKey === null ? undefined : findBindingByKey(deps.db, platformId, bindingKey),
  ])
  if (binding?.instanceKey !== instance.key)
    throw new Error(`The operation ${id} has no binding of its instance.`)
  return { instance, binding }
}
