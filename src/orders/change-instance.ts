import { createHash } from 'node:crypto'
import { BrokerError } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import { update } from '../instances/update.ts'
import type { SignedIn } from '../people/person.ts'
import type { ChangeOrder, OrderView, UpdateRequest } from '../types.gen.ts'
import { canonicalJson } from '../vault/canonical-json.ts'
import { requireOwnOrder } from './authorise.ts'
import { choosePlan, findPlan, shownOf, type Choice } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { askOnce, type Asking } from './events/ask.ts'
import { findEventByRequest } from './events/store.ts'
import { instanceOf } from './instance-of.ts'
import type { Order } from './order.ts'
import { priceTagOf } from './price-tag.ts'
import { contextOf } from './provision-order.ts'
import { describeOrder } from './read.ts'
import { requestOf } from './request.ts'

/** What a person has read before a change. */
export interface ReadBefore {
  /** Of the plan that the instance gets or keeps. */
  readonly priceTag?: string
  /** As `standingOf` gives it. */
  readonly standing?: string
}

/** Names the plan and the parameters of an instance. */
export function standingOf({ planId, parametersVersion }: Standing): string {
  const text = canonicalJson({ planId, parametersVersion })
  return createHash('sha256').update(text).digest('base64url').slice(0, 12)
}

type Standing = Pick<Instance, 'planId' | 'parametersVersion'>

/**
 * Changes the plan or the parameters of an order's instance. Sent again while it runs, it is the
 * same change.
 * @param before  refuses the change where something else holds by now
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance, and where something
 *   else holds than what was read, `unknown_plan`, and what an update is refused for
 */
export async function changeInstance(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  given: ChangeOrder,
  requestKey?: string,
  before: ReadBefore = {},
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
  const isNew =
    request &&
    (await findEventByRequest(deps.db, order.id, signedIn.person.id, request.key)) === undefined
  // The first of two clicks has changed what the second one has read.
  if (isNew !== false) await assertReadBefore(deps, order, ordered.instance, chosen, before)
  const wanted = { order, ordered, kind: 'change-requested', details, body, request } as const
  await requestUpdate(deps, signedIn, wanted)
  return describeOrder(deps, signedIn, order.number)
}

/**
 * Whether the person has asked for something of an order with that key before.
 * @throws BrokerError `not_found`, `forbidden`
 */
export async function wasRequested(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  requestKey: string,
): Promise<boolean> {
  const { id } = await requireOwnOrder(deps, signedIn, number)
  return (await findEventByRequest(deps.db, id, signedIn.person.id, requestKey)) !== undefined
}

async function assertReadBefore(
  deps: OrdersDeps,
  { organisationId }: Order,
  instance: Standing & Pick<Instance, 'offeringId'>,
  chosen: Choice | undefined,
  { priceTag, standing }: ReadBefore,
): Promise<void> {
  const named = { offering: instance.offeringId, plan: instance.planId }
  const choice =
    priceTag === undefined ? undefined : (chosen ?? (await findPlan(deps, organisationId, named)))
  const isRead =
    (standing === undefined || standing === standingOf(instance)) &&
    (choice === undefined || priceTag === priceTagOf(shownOf(choice)))
  if (!isRead)
    throw new BrokerError(
      'conflict',
      'Its plan, its parameters, the price or the terms are others by now. Read them again.',
    )
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
