import { BrokerError } from '../errors.ts'
import { update } from '../instances/update.ts'
import type { SignedIn } from '../people/person.ts'
import type { ChangeOrder, OrderView, UpdateRequest } from '../types.gen.ts'
import { requireOwnOrder } from './authorise.ts'
import { choosePlan } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { askOnce, type Asking } from './events/ask.ts'
import { instanceOf } from './instance-of.ts'
import { contextOf } from './provision-order.ts'
import { describeOrder } from './read.ts'
import { requestOf } from './request.ts'

/**
 * Changes the plan or the parameters of an order's instance. Sent again while it runs, it is the
 * same change.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance, `unknown_plan`, and
 *   what an update is refused for
 */
export async function changeInstance(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  given: ChangeOrder,
  requestKey?: string,
): Promise<OrderView> {
  const { plan, parameters } = given
  const order = await requireOwnOrder(deps, signedIn, number)
  const ordered = await instanceOf(deps, order)
  const { offeringId: offering } = ordered.instance
  const chosen =
    plan === undefined
      ? undefined
      : await choosePlan(deps, order.organisationId, { offering, plan })
  const body = {
    ...(chosen === undefined ? {} : { plan_id: chosen.plan.plan.id }),
    ...(parameters === undefined ? {} : { parameters }),
  }
  const details = {
    ...(chosen === undefined ? {} : { plan: chosen.plan.plan.name }),
    ...(parameters === undefined ? {} : { parameters: true }),
  }
  const request = requestOf(deps.vault, requestKey, { change: given })
  const wanted = { order, ordered, kind: 'change-requested', details, body, request } as const
  await requestUpdate(deps, signedIn, wanted)
  return describeOrder(deps, signedIn, order.number)
}

/**
 * Brings an order's instance to the maintenance version of its plan.
 * @throws BrokerError as `changeInstance`, `conflict` when it has that version
 */
export async function upgradeInstance(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  requestKey?: string,
): Promise<OrderView> {
  const order = await requireOwnOrder(deps, signedIn, number)
  const ordered = await instanceOf(deps, order)
  const { instance } = ordered
  const version = deps.catalog.current().plans.get(instance.planId)?.maintenanceVersion
  if (version === undefined || version === instance.maintenanceVersion)
    throw new BrokerError('conflict', 'There is no newer maintenance version of its plan.')
  const body = { maintenance_info: { version } }
  const details = { version }
  const request = requestOf(deps.vault, requestKey, { upgrade: version })
  const wanted = { order, ordered, kind: 'upgrade-requested', details, body, request } as const
  await requestUpdate(deps, signedIn, wanted)
  return describeOrder(deps, signedIn, order.number)
}

interface Wanted extends Asking {
  readonly body: Omit<UpdateRequest, 'service_id'>
}

async function requestUpdate(
  deps: OrdersDeps,
  signedIn: SignedIn,
  { body, ...asking }: Wanted,
): Promise<void> {
  const { order, ordered } = asking
  await askOnce(deps, signedIn, asking, (source) =>
    update(deps, {
      ...source,
      instanceId: order.instanceId,
      body: {
        ...body,
        service_id: ordered.instance.offeringId,
        context: contextOf(deps, order),
      },
    }),
  )
}
