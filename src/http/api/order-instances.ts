import type { FastifyInstance } from 'fastify'
import { cancelOrder, describeCancellation, withdrawCancellation } from '../../orders/cancel.ts'
import { changeInstance, upgradeInstance } from '../../orders/change-instance.ts'
import { orderTimeline, type TimelineDeps } from '../../orders/timeline.ts'
import type { CancelOrder, ChangeOrder } from '../../types.gen.ts'
import { accessScopeOf } from '../admit.ts'
import { memberReader, orderer } from '../auth/roles.ts'
import { signedInOf } from '../auth/signed-in.ts'
import { json, problem, ref, route, tooLarge } from './describe-route.ts'
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
  },
  addRoutes,
}

const refused = {
  ...noOrder,
  409: problem('The order has no instance, or its state does not allow this.'),
  422: problem('The plan, the offering or the provider does not allow this.'),
  ...tooLarge,
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
    { ...orderNumber, body: ref('cancel-order') },
    { 200: json('Cancelled.', 'order'), ...refused },
  ),
  withdraw: route('withdrawCancellation', 'Withdraw a cancellation before its end', orderNumber, {
    200: json('The order goes on.', 'order'),
    ...refused,
  }),
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
    async (request) => cancelOrder(deps, signedInOf(request), request.params.number, request.body),
  )

  app.delete<ByNumber>(`${path}/cancellation`, describe.withdraw, async (request) =>
    withdrawCancellation(deps, signedInOf(request), request.params.number),
  )
}
