import { isDeepStrictEqual } from 'node:util'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { OrderView, UpdateOrder } from '../types.gen.ts'
import { lockOwnOrder, requireOwnOrder } from './authorise.ts'
import { choosePlan, shownOf, type Choice } from './choose-plan.ts'
import type { OrdersDeps } from './deps.ts'
import { note } from './events/note.ts'
import { changedFields, fieldsOf, type Fields } from './fields.ts'
import { openGiven, sealParameters, type Order } from './order.ts'
import { describeOrder } from './read.ts'
import { carriedParameters, completedParameters } from './secrets.ts'
import { updateDraft } from './store.ts'

/**
 * Changes a draft. What it shows of its plan becomes what the catalog says now. The same change of
 * the same draft sent again changes nothing.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` for an order that is no draft, or was
 *   changed since it was read, `invalid_request` for an unknown organisation, `unknown_plan`
 */
export async function changeDraft(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  { plan, parameters, changedAt, ...given }: UpdateOrder,
): Promise<OrderView> {
  const { db, directory, now } = deps
  const found = await requireOwnOrder(deps, signedIn, number)
  const named = { offering: found.offeringId, plan: plan ?? found.planId }
  const choice = await choosePlan(deps, found.organisationId, named)
  const fields = await changedFields(directory, signedIn, found, given)
  const at = now()
  await db.transaction().execute(async (tx) => {
    const before = await lockOwnOrder(tx, found)
    assertDraft(before)
    const after = changed(deps, before, choice, fields, parameters, at)
    if (changedAt !== undefined && !isRead(before, changedAt) && hasAll(deps, before, after)) return
    assertRead(before, changedAt)
    assertUnchanged(before, found)
    await updateDraft(tx, after)
    const names = Object.keys({ ...given, ...(parameters === undefined ? {} : { parameters }) })
    await note(tx, after, signedIn, 'changed', at, {
      fields: names.join(','),
      ...(before.planId === after.planId ? {} : { plan: after.shown.plan.name }),
      ...(isDeepStrictEqual(before.shown.price, after.shown.price) ? {} : { priceChanged: true }),
    })
  })
  return describeOrder(deps, signedIn, found.number)
}

function changed(
  { vault }: OrdersDeps,
  before: Order,
  choice: Choice,
  fields: Fields,
  parameters: UpdateOrder['parameters'],
  at: Date,
): Order {
  const { plan } = choice.plan
  const isKept = parameters === undefined && plan.id === before.planId
  const sealed = isKept ? {} : sealedAnew(vault, before, plan, parameters)
  return {
    ...before,
    ...fields,
    ...sealed,
    planId: plan.id,
    shown: shownOf(choice),
    shownAt: at,
    changedAt: at,
  }
}

function sealedAnew(
  vault: OrdersDeps['vault'],
  before: Order,
  plan: CatalogPlan,
  parameters: UpdateOrder['parameters'],
): Pick<Order, 'parameters' | 'parametersVersion'> {
  const kept = openGiven(vault, before)
  const given =
    parameters === undefined
      ? carriedParameters(plan, kept)
      : completedParameters(plan, parameters, kept)
  return sealParameters(vault, before, given, before.parametersVersion + 1)
}

/** Whether a draft has the values of a change already. */
function hasAll({ vault }: OrdersDeps, before: Order, after: Order): boolean {
  return (
    before.planId === after.planId &&
    isDeepStrictEqual(fieldsOf(before), fieldsOf(after)) &&
    isDeepStrictEqual(openGiven(vault, before)?.all, openGiven(vault, after)?.all)
  )
}

function isRead({ changedAt }: Order, read: string): boolean {
  return changedAt.toISOString() === read
}

/**
 * @param read  `changedAt` of the draft that the person has read; undefined: not said
 * @throws BrokerError `conflict` when it was changed since
 */
export function assertRead(order: Order, read: string | undefined): void {
  if (read !== undefined && !isRead(order, read)) throw hasChanged()
}

/** @throws BrokerError `conflict` when another request has changed the draft since it was read */
export function assertUnchanged(order: Order, found: Order): void {
  if (order.changedAt.getTime() !== found.changedAt.getTime()) throw hasChanged()
}

function hasChanged(): BrokerError {
  return new BrokerError('conflict', 'The draft has been changed meanwhile. Read it again.')
}

/** @throws BrokerError `conflict` */
export function assertDraft({ state }: Order): void {
  if (state !== 'draft')
    throw new BrokerError('conflict', `The order is ${state}, so it cannot be changed any more.`)
}

/**
 * Discards a draft. Repeating it changes nothing.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` for an order that was submitted
 */
export async function discardDraft(
  { db, directory, now }: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<void> {
  const found = await requireOwnOrder({ db, directory }, signedIn, number)
  await db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    if (order.state === 'discarded') return
    assertDraft(order)
    const at = now()
    await updateDraft(tx, { ...order, state: 'discarded', changedAt: at })
    await note(tx, order, signedIn, 'discarded', at)
  })
}
