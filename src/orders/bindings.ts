import { bind } from '../bindings/bind.ts'
import { unbind } from '../bindings/unbind.ts'
import { newOpaqueId } from '../ids.ts'
import type { SignedIn } from '../people/person.ts'
import type { CreateOrderBinding, OrderBinding } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import type { OrdersDeps } from './deps.ts'
import { askOnce } from './events/ask.ts'
import { instanceOf } from './instance-of.ts'
import { contextOf } from './provision-order.ts'
import { requestOf } from './request.ts'

/**
 * Orders a binding of an order's instance, or one that replaces another. Its credentials are none
 * of the answer.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance, and what a bind is
 *   refused for
 */
export async function bindInstance(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  given: CreateOrderBinding,
  requestKey?: string,
): Promise<OrderBinding> {
  const order = await requireOwnOrder(deps, signedIn, number)
  const ordered = await instanceOf(deps, order)
  const { parameters, predecessor } = given
  const { offeringId, planId } = ordered.instance
  const details = {
    bindingId: newOpaqueId(),
    ...(predecessor === undefined ? {} : { predecessor }),
  }
  const request = requestOf(deps.vault, requestKey, { bind: given })
  const asking = { order, ordered, kind: 'binding-requested', details, request } as const
  const { bindingId } = await askOnce(deps, signedIn, asking, (source, first) =>
    bind(deps, {
      ...source,
      instanceId: order.instanceId,
      bindingId: String(first['bindingId']),
      body: {
        service_id: offeringId,
        plan_id: planId,
        context: contextOf(deps, order),
        ...(parameters === undefined ? {} : { parameters }),
        ...(predecessor === undefined ? {} : { predecessor_binding_id: predecessor }),
      },
    }),
  )
  return { number: order.number, id: String(bindingId) }
}

/**
 * Deletes a binding of an order's instance.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance, `gone` for a
 *   binding that is none of it, and what an unbind is refused for
 */
export async function unbindInstance(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  bindingId: string,
): Promise<void> {
  const order = await requireOwnOrder(deps, signedIn, number)
  const ordered = await instanceOf(deps, order)
  const { offeringId: serviceId, planId } = ordered.instance
  const details = { bindingId }
  const asking = { order, ordered, kind: 'unbind-requested', details, request: undefined } as const
  const at = { instanceId: order.instanceId, bindingId, serviceId, planId }
  await askOnce(deps, signedIn, asking, (source) => unbind(deps, { ...source, ...at }))
}
