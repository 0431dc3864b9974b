import type { FastifyInstance } from 'fastify'
import { bindInstance, unbindInstance } from '../../orders/bindings.ts'
import { cancelOrder, describeCancellation, withdrawCancellation } from '../../orders/cancel.ts'
import { changeInstance, upgradeInstance } from '../../orders/change-instance.ts'
import { orderTimeline, type TimelineDeps } from '../../orders/timeline.ts'
import type { CancelOrder, ChangeOrder, CreateOrderBinding } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { memberReader, orderer } from '../auth/roles.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { json, noContent, problem, ref, route, tooLarge } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { idempotent, keyOf, noOrder, orderNumber, type ByNumber } from './orders.ts'

/** What goes on after an order is submitted. */
export const orderInstances: Noun<TimelineDeps> = {
  permissions: {
    'GET /api/orders/:number/timeline': memberReader,
    'POST /api/orders/:number/change': orderer,
    'POST /api/orders/:number/upgrade': orderer,
    'GET /api/orders/:number/cancellation': orderer,
    'POST /api/orders/:number/cancellation': orderer,
    'DELETE /api/orders/:number/cancellation': orderer,
    'POST /api/orders/:number/bindings': orderer,
    'DELETE /api/orders/:number/bindings/:binding_id': orderer,
  },
  addRoutes,
}

const refused = {
  ...noOrder,
  409: problem('The order has no instance, or its state does not allow this.'),
  422: problem('The plan, the offering or the provider does not allow this.'),
  ...tooLarge,
}

const bindingOfOrder = {
  params: {
    ...orderNumber.params,
    required: ['number', 'binding_id'],
    properties: {
      ...orderNumber.params.properties,
      binding_id: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description: 'Id of the binding.',
      },
    },
  },
}

const describe = {
  timeline: route('getOrderTimeline', 'Read who did what with an order', orderNumber, {
    200: json('Its history and the operations of its instance.', 'order-timeline'),
    ...noOrder,
  }),
  change: route(
    'changeOrder',
    "Change the plan or the parameters of an order's instance",
    { ...orderNumber, ...idempotent, body: ref('change-order') },
    { 200: json('Requested, or done.', 'order'), ...refused },
  ),
  upgrade: route(
    'upgradeOrder',
    "Bring an order's instance to the maintenance version of its plan",
    { ...orderNumber, ...idempotent },
    { 200: json('Requested, or done.', 'order'), ...refused },
  ),
  effects: route('getCancellation', 'Read what a cancellation does', orderNumber, {
    200: json('Its effects.', 'order-cancellation'),
    ...refused,
  }),
  cancel: route(
    'cancelOrder',
    "End an order's instance, now or when its terms allow",
    { ...orderNumber, ...idempotent, body: ref('cancel-order') },
    { 200: json('Cancelled.', 'order'), ...refused },
  ),
  bind: route(
    'bindOrder',
    "Order a binding of an order's instance; its credentials are none of the answer",
    { ...orderNumber, ...idempotent, body: ref('create-order-binding') },
    { 201: json('Ordered: made now or soon.', 'order-binding'), ...refused },
  ),
  unbind: route('unbindOrder', "Delete a binding of an order's instance", bindingOfOrder, {
    ...noContent('Ordered: deleted now or soon.'),
    ...refused,
    410: problem('Its instance has no such binding.'),
  }),
  withdraw: route(
    'withdrawCancellation',
    'Withdraw a cancellation before its end',
    { ...orderNumber, ...idempotent },
    { 200: json('The order goes on.', 'order'), ...refused },
  ),
} as const

async function addRoutes(app: FastifyInstance, deps: TimelineDeps): Promise<void> {
  const path = '/orders/:number'
  app.get<ByNumber>(`${path}/timeline`, describe.timeline, async (request) =>
    orderTimeline(deps, accessScopeOf(request), request.params.number),
  )

  app.post<ByNumber & { Body: ChangeOrder }>(`${path}/change`, describe.change, async (request) =>
    changeInstance(deps, signedInOf(request), request.params.number, request.body, keyOf(request)),
  )

  app.post<ByNumber>(`${path}/upgrade`, describe.upgrade, async (request) =>
    upgradeInstance(deps, signedInOf(request), request.params.number, keyOf(request)),
  )

  app.get<ByNumber>(`${path}/cancellation`, describe.effects, async (request) =>
    describeCancellation(deps, signedInOf(request), request.params.number),
  )

  app.post<ByNumber & { Body: CancelOrder }>(
    `${path}/cancellation`,
    describe.cancel,
    async (request) =>
      cancelOrder(deps, signedInOf(request), request.params.number, request.body, keyOf(request)),
  )

  app.delete<ByNumber>(`${path}/cancellation`, describe.withdraw, async (request) =>
    withdrawCancellation(deps, signedInOf(request), request.params.number, keyOf(request)),
  )

  app.post<ByNumber & { Body: CreateOrderBinding }>(
    `${path}/bindings`,
    describe.bind,
    async (request, reply) => {
      const { params, body } = request
      const signedIn = signedInOf(request)
      const made = await bindInstance(deps, signedIn, params.number, body, keyOf(request))
      return reply.code(201).send(made)
    },
  )

  app.delete<{ Params: { number: string; binding_id: string } }>(
    `${path}/bindings/:binding_id`,
    describe.unbind,
    async (request, reply) => {
      const { number, binding_id: bindingId } = request.params
      await unbindInstance(deps, signedInOf(request), number, bindingId)
      return reply.code(204).send()
    },
  )
}
