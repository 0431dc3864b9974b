import { carryOut, claimMs } from './carry-out.ts'
import { claimDueOrders } from './claims/store.ts'
import type { OrdersDeps } from './deps.ts'
import type { Order } from './order.ts'

export interface ClaimedOrder {
  readonly order: Order
  /** When the claim ends, on the clock of `performance.now()`. */
  readonly untilMs: number
}

/** Claims submitted orders that are due, at most `limit`. */
export async function claimSubmitted(
  { db, now }: Pick<OrdersDeps, 'db' | 'now'>,
  limit: number,
): Promise<ClaimedOrder[]> {
  // Measured before the claim, so that it never seems to last longer than it does.
  const untilMs = performance.now() + claimMs / 2
  const orders = await claimDueOrders(db, now(), claimMs, limit)
  return orders.map((order) => ({ order, untilMs }))
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
