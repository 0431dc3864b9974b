import type { OrdersDeps } from '../deps.ts'
import type { Order } from '../order.ts'
import { claimDueOrders, type DueTime } from './store.ts'

/** How long one process has an order for itself. */
export const claimMs = 120_000

export interface ClaimedOrder {
  readonly order: Order
  /** After it nothing is begun, on the clock of `performance.now()`; half of the claim is left. */
  readonly untilMs: number
}

/**
 * Claims orders of which something is due, at most `limit`.
 * @param due  `due_at`: they have to be ordered; `end_due_at`: their instances have to end
 */
export async function claimDue(
  { db, now }: Pick<OrdersDeps, 'db' | 'now'>,
  due: DueTime,
  limit: number,
): Promise<ClaimedOrder[]> {
  // Measured before the claim, so that it never seems to last longer than it does.
  const untilMs = beginUntil()
  const orders = await claimDueOrders(db, due, now(), claimMs, limit)
  return orders.map((order) => ({ order, untilMs }))
}

/** Until when a process that claims an order now may begin something. */
export function beginUntil(): number {
  return performance.now() + claimMs / 2
}
