import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { CancelOrder, OrderCancellation, OrderView } from '../types.gen.ts'
import { lockOwnOrder, requireOwnOrder } from './authorise.ts'
import type { OrdersDeps } from './deps.ts'
import { endDateOf, retainedUntil } from './end-date.ts'
import { beginUntil, claimMs } from './claims/claim.ts'
import { carryOutEnd } from './ending/carry-out-end.ts'
import { markEnding, withdrawEnding } from './ending/store.ts'
import { note } from './events/note.ts'
import { findEventByRequest } from './events/store.ts'
import { instanceOf, type OrderedInstance } from './instance-of.ts'
import type { Order } from './order.ts'
import { describeOrder } from './read.ts'
import { assertSame, requestOf } from './request.ts'
import type { Request } from './store.ts'

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
    retainedUntil: retainedUntil(order.shown.terms.retainDays, endsAt)?.toISOString() ?? null,
    cancelled: order.endAt !== null,
    withdrawable: order.endAt !== null && order.endAt > now,
  }
}

/**
 * Ends the instance of an order: at once, or on the first day that its terms allow. The end is
 * written before anything is done, so it comes even if this process dies.
 * @param requestKey  Idempotency-Key: the same request sent again changes nothing
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request` for a wrong name, `conflict` for
 *   an order without an instance, one that is cancelled already or is being ended, another end
 *   date than the given one, and a key that was sent with another request
 */
export async function cancelOrder(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  given: CancelOrder,
  requestKey?: string,
): Promise<OrderView> {
  const found = await requireOwnOrder(deps, signedIn, number)
  const request = requestOf(deps.vault, requestKey, { cancel: given })
  if (!(await isRepeated(deps.db, signedIn, found, request)))
    await endOnce(deps, signedIn, found, given, request)
  return describeOrder(deps, signedIn, found.number)
}

async function endOnce(
  deps: OrdersDeps,
  signedIn: SignedIn,
  found: Order,
  { instanceName, when, endsAt }: CancelOrder,
  request: Request | undefined,
): Promise<void> {
  const { running } = await instanceOf(deps, found)
  // Typed by the person, so that nothing is ended that looks like another thing.
  if (instanceName.trim() !== found.instanceName)
    throw new BrokerError(
      'invalid_request',
      'instanceName is not the name of the instance. Send the name as the order shows it, in ' +
        'instance.name: upper and lower case and spaces between words count.',
    )
  const at = deps.now()
  const untilMs = beginUntil()
  const ending = await deps.db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    if (await isRepeated(tx, signedIn, order, request)) return undefined
    const end = endOf(order, when, at)
    if (when === 'end-date') assertShown(end, endsAt)
    assertCancellable(order, end, at, running)
    const isNow = end <= at
    const dueAt = isNow ? new Date(at.getTime() + claimMs) : end
    const marked = await markEnding(tx, order, { at: end, personId: signedIn.person.id, dueAt })
    const details = { endsAt: end.toISOString() }
    await note(tx, order, signedIn, 'cancelled', at, details, request)
    return isNow ? marked : undefined
  })
  if (ending !== undefined) await carryOutEnd(deps, { order: ending, untilMs })
}

/** One whose end has come and failed keeps its date, and is ended at once. */
function endOf(order: Order, when: CancelOrder['when'], now: Date): Date {
  if (order.endAt !== null && order.endAt <= now) return order.endAt
  return when === 'now' ? now : endDateOf(order, now)
}

/** The terms count from now, so another day's end is not the one that the person has read. */
function assertShown(end: Date, shown: string | undefined): void {
  const day = end.toISOString().slice(0, 10)
  if (shown !== undefined && new Date(shown).toISOString().slice(0, 10) !== day)
    throw new BrokerError('conflict', `By now its instance would end at ${end.toISOString()}.`)
}

/** An end that is set may be brought forward; and one that failed may be repeated. */
function assertCancellable(
  { endAt }: Order,
  end: Date,
  now: Date,
  running: OrderedInstance['running'],
): void {
  if (endAt === null || end < endAt) return
  const isEnding = running.some(({ kind }) => kind === 'deprovision')
  if (endAt > now || isEnding)
    throw new BrokerError(
      'conflict',
      `The order is cancelled already: its instance ends at ${endAt.toISOString()}.`,
    )
}

/**
 * Withdraws a cancellation before the end date.
 * @param requestKey  Idempotency-Key: the same request sent again changes nothing
 * @throws BrokerError `not_found`, `forbidden`, `conflict` when it was not cancelled, or ends, and
 *   for a key that was sent with another request
 */
export async function withdrawCancellation(
  deps: OrdersDeps,
  signedIn: SignedIn,
  number: string,
  requestKey?: string,
): Promise<OrderView> {
  const found = await requireOwnOrder(deps, signedIn, number)
  const request = requestOf(deps.vault, requestKey, { withdraw: true })
  await deps.db.transaction().execute(async (tx) => {
    const order = await lockOwnOrder(tx, found)
    if (await isRepeated(tx, signedIn, order, request)) return
    const at = deps.now()
    if (!(await withdrawEnding(tx, order, at)))
      throw new BrokerError('conflict', 'The order is not cancelled, or its end has come.')
    await note(tx, order, signedIn, 'cancellation-withdrawn', at, {}, request)
  })
  return describeOrder(deps, signedIn, found.number)
}

/** @throws BrokerError `conflict` when the person has sent its key with another request */
async function isRepeated(
  db: DbOrTx,
  { person }: Pick<SignedIn, 'person'>,
  { id }: Order,
  request: Request | undefined,
): Promise<boolean> {
  const before = request && (await findEventByRequest(db, id, person.id, request.key))
  if (request === undefined || before === undefined) return false
  assertSame(request, before.digest)
  return true
}
