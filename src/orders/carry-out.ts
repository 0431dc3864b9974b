// From a submitted order to its operation. The order's row names the instance before anything is
// ordered, so each attempt is the same order, however many processes are killed over it.
import { BrokerError, type ErrorCode } from '../errors.ts'
import { provision } from '../instances/provision.ts'
import { findReport } from '../operations/for-orders.ts'
import type { ClaimedOrder } from './claims/claim.ts'
import type { Order } from './order.ts'
import { releaseOrder, returnOrder } from './claims/store.ts'
import type { OrdersDeps } from './deps.ts'
import { note } from './events/note.ts'
import { provisionOrder } from './provision-order.ts'

const maxDelayMs = 300_000

// The same order may be accepted a moment later; all others are refused for what they say.
const temporary: ReadonlySet<ErrorCode> = new Set([
  'concurrency',
  'rate_limited',
  'provider_unavailable',
  'configuration',
  'unavailable',
  'overloaded',
  'internal',
])

/**
 * Orders the instance of an order that this process has claimed. Once it has an operation, what
 * becomes of it is read from that. Before that, a refusal makes the order a draft again with the
 * reason in its history, and anything else is tried again later.
 * @param untilMs  when the claim ends, on the clock of `performance.now()`
 * @param onDelay  gets why it is tried again later
 * @returns the refusal, if it has made the order a draft again
 */
export async function carryOut(
  deps: OrdersDeps,
  order: Order,
  platformId: string,
  untilMs: number,
  onDelay?: (error: unknown) => void,
): Promise<BrokerError | undefined> {
  const { db, now } = deps
  const refusal = await orderInstance(deps, order, platformId, untilMs)
  // An error may come from an operation that was written: that says what happened.
  if (refusal === undefined || (await isOrdered(deps, order, platformId))) {
    await releaseOrder(db, order, null)
    return undefined
  }
  if (refusal instanceof BrokerError && !temporary.has(refusal.code))
    return db.transaction().execute(async (tx) => {
      const at = now()
      const { code, message: detail } = refusal
      if (!(await returnOrder(tx, order, at))) return undefined
      await note(tx, order, undefined, 'returned', at, { code, detail })
      return refusal
    })
  onDelay?.(refusal)
  const delayMs = Math.min(1_000 * 2 ** Math.min(order.claims, 16), maxDelayMs)
  await releaseOrder(db, order, new Date(now().getTime() + delayMs))
  return undefined
}

/**
 * Carries out an order that was claimed.
 * @param onDelay  gets why it is tried again later
 */
export async function carryOutClaimed(
  deps: OrdersDeps,
  { order, untilMs }: ClaimedOrder,
  onDelay: (error: unknown) => void,
): Promise<void> {
  // Made before the order was submitted; unknown here only for as long as a cache is old.
  const platform = deps.directory.consoleOf(order.organisationId)
  if (platform === undefined) onDelay(new Error('The console platform of its owner is unknown.'))
  else await carryOut(deps, order, platform.id, untilMs, onDelay)
}

/** @returns why it was not ordered; undefined when it was */
async function orderInstance(
  deps: OrdersDeps,
  order: Order,
  platformId: string,
  untilMs: number,
): Promise<unknown> {
  // One whose operation has failed and left nothing would else be ordered once more.
  if (await isOrdered(deps, order, platformId)) return undefined
  try {
    await provision(deps, provisionOrder(deps, order, platformId, false, untilMs))
    return undefined
  } catch (error) {
    return error
  }
}

async function isOrdered({ db }: OrdersDeps, order: Order, platformId: string): Promise<boolean> {
  const key = { platformId, instanceId: order.instanceId, bindingId: null }
  return (await findReport(db, key, undefined)) !== undefined
}
