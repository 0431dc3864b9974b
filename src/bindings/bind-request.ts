import type { OrderDeps } from '../instances/order.ts'
import type { BindRequest } from '../types.gen.ts'
import { requestAad, type Binding, type BindingRequest } from './binding.ts'

/**
 * What a bind orders. A rotation takes over what its predecessor was ordered with; the platform may
 * no longer know it.
 */
export function requestOf(
  deps: OrderDeps,
  body: BindRequest,
  predecessor: Binding | undefined,
): BindingRequest {
  const inherited =
    predecessor === undefined
      ? {}
      : (deps.vault.open(predecessor.request, requestAad(predecessor)) as BindingRequest)
  const { bindResource: _resource, appGuid: _app, ...unscoped } = inherited
  return {
    // The app stands in either of two fields: an order that has one of them must not inherit the
    // other.
    ...(body.bind_resource === undefined && body.app_guid === undefined ? inherited : unscoped),
    ...(body.context === undefined ? {} : { context: body.context }),
    ...(body.bind_resource === undefined ? {} : { bindResource: body.bind_resource }),
    ...(body.app_guid === undefined ? {} : { appGuid: body.app_guid }),
    ...(body.parameters === undefined ? {} : { parameters: body.parameters }),
  }
}
