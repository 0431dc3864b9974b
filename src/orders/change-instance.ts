import { BrokerError } from '../errors.ts'
import { update } from '../instances/update.ts'
import type { SignedIn } from '../people/person.ts'
import type { ChangeOrder, OrderView, UpdateRequest } from '../types.gen.ts'
import { lockOwnOrder, requireOwnOrder } from './authorise.ts'
import { choosePlan } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import type { OrderEventDetails } from './events/event.ts'
import { note } from './events/note.ts'
import { findEventDigest } from './events/store.ts'
import { instanceOf, type OrderedInstance } from './instance-of.ts'
import type { Order } from './order.ts'
import { contextOf, sourceFor } from './provision-order.ts'
import { describeOrder } from './read.ts'
import { assertSame, requestOf } from './request.ts'
import type { Request } from './store.ts'

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

interface Wanted {
  readonly order: Order
  readonly ordered: OrderedInstance
  readonly kind: 'change-requested' | 'upgrade-requested'
  readonly details: OrderEventDetails
  readonly body: Omit<UpdateRequest, 'service_id'>
  readonly request: Request | undefined
}

/** Writes who asks for what before it is asked for, and the refusal after it. */
async function requestUpdate(
  deps: OrdersDeps,
  signedIn: SignedIn,
  { order, ordered, kind, details, body, request }: Wanted,
): Promise<void> {
  const { platformId, instance } = ordered
  // The same request was carried out before.
  if (!(await noteNow(deps, signedIn, order, kind, details, request))) return
  try {
    await update(deps, {
      ...sourceFor(order, platformId, signedIn.person.id),
      instanceId: order.instanceId,
      body: { ...body, service_id: instance.offeringId, context: contextOf(deps, order) },
    })
  } catch (error) {
    const code = error instanceof BrokerError ? error.code : 'internal'
    const detail = error instanceof BrokerError ? error.message : ''
    await noteNow(deps, undefined, order, 'request-refused', { code, detail })
    throw error
  }
}

async function noteNow(
  { db, now }: OrdersDeps,
  doer: SignedIn | undefined,
  order: Order,
  kind: Wanted['kind'] | 'request-refused',
  details: OrderEventDetails,
  request?: Request,
): Promise<boolean> {
  const isNew = await db
    .transaction()
    .execute(async (tx) =>
      note(tx, await lockOwnOrder(tx, order), doer, kind, now(), details, request),
    )
  if (!isNew && request !== undefined)
    assertSame(request, await findEventDigest(db, order.id, request.key))
  return isNew
}
