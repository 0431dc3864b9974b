import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { CancelOrder, OrderCancellation, OrderView } from '../types.gen.ts'
import { lockOwnOrder, requireOwnOrder } from './authorise.ts'
import type { OrdersDeps } from './deps.ts'
import { endDateOf, retainedUntil } from './end-date.ts'
import { carryOutEnd, endClaimMs } from './ending/carry-out-end.ts'
import { markEnding, withdrawEnding } from './ending/store.ts'
import { note } from './events/note.ts'
import { instanceOf } from './instance-of.ts'
import type { Order } from './order.ts'
import { describeOrder } from './read.ts'

/**
 * What a cancellation would do, for a person who asks before.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` without an instance
 */
export async function describeCancellation(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<OrderCancellation> {
  const order = await requireOwnOrder(deps, signedIn, number)
  await instanceOf(deps, order)
  const now = deps.now()
  const endsAt = order.endAt ?? endDateOf(order, now)
  return {
    number: order.number,
    instanceName: order.instanceName ?? '',
    noticeDays: order.shown.terms.noticeDays,
    minimumTermMonths: order.shown.terms.minimumTermMonths,
    endsAt: endsAt.toISOString(),
    retainedUntil: retainedUntil(order, endsAt)?.toISOString() ?? null,
    cancelled: order.endAt !== null,
    withdrawable: order.endAt !== null && order.endAt > now,
  }
}

/**
 * Ends the instance of an order: at once, or on the first day that its terms allow. The end is
 * written before anything is done, so it comes even if this process dies.
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request` for a wrong name, `conflict` for
 *   an order without an instance, or one that is cancelled already
 */
export async function cancelOrder(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  { instanceName, when }: CancelOrder,
): Promise<OrderView> {
  const found = await requireOwnOrder(deps, signedIn, number)
  await instanceOf(deps, found)
  // Typed by the person, so that nothing is ended that looks like another thing.
  if (instanceName.trim() !== found.instanceName)
    throw new BrokerError('invalid_request', 'instanceName is not the name of the instance.')
  const at = deps.now()
  const end = when === 'now' ? at : endDateOf(found, at)
  const isNow = end <= at
  const untilMs = performance.now() + endClaimMs / 2
  const ending = await deps.db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    assertCancellable(order, end)
    const dueAt = isNow ? new Date(at.getTime() + endClaimMs) : end
    const marked = await markEnding(tx, order, { at: end, personId: signedIn.person.id, dueAt })
    await note(tx, order, signedIn, 'cancelled', at, { endsAt: end.toISOString() })
    return marked
  })
  if (isNow) await carryOutEnd(deps, { order: ending, untilMs })
  return describeOrder(deps, signedIn, found.number)
}

/** An end that is set may be brought forward; and one that failed may be repeated. */
function assertCancellable({ endAt }: Order, end: Date): void {
  if (endAt !== null && end >= endAt)
    throw new BrokerError(
      'conflict',
      `The order is cancelled already: its instance ends at ${endAt.toISOString()}.`,
    )
}

/**
 * Withdraws a cancellation before the end date.
 * @throws BrokerError `not_found`, `forbidden`, `conflict` when it was not cancelled, or ends
 */
export async function withdrawCancellation(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
): Promise<OrderView> {
  const found = await requireOwnOrder(deps, signedIn, number)
  await deps.db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    const at = deps.now()
    if (!(await withdrawEnding(tx, order, at)))
      throw new BrokerError('conflict', 'The order is not cancelled, or its end has come.')
    await note(tx, order, signedIn, 'cancellation-withdrawn', at)
  })
  return describeOrder(deps, signedIn, found.number)
}
