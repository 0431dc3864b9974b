import { BrokerError } from '../../errors.ts'
import { deprovision } from '../../instances/deprovision.ts'
import type { OrdersDeps } from '../deps.ts'
import { instanceOf } from '../instance-of.ts'
import type { Order } from '../order.ts'
import { sourceFor } from '../provision-order.ts'
import { claimDueEnds, releaseEnd } from './store.ts'

/** How long one process has the end of an order for itself. Nothing is begun later than that. */
export const endClaimMs = 120_000
const minDelayMs = 15_000
const maxDelayMs = 3_600_000

export interface ClaimedEnd {
  readonly order: Order
  /** When the claim ends, on the clock of `performance.now()`. */
  readonly untilMs: number
}

/** Claims orders whose end is due, at most `limit`. */
export async function claimEnds(
  { db, now }: Pick<OrdersDeps, 'db' | 'now'>,
  limit: number,
): Promise<ClaimedEnd[]> {
  // Measured before the claim, so that it never seems to last longer than it does.
  const untilMs = performance.now() + endClaimMs / 2
  const orders = await claimDueEnds(db, now(), endClaimMs, limit)
  return orders.map((order) => ({ order, untilMs }))
}

/**
 * Deprovisions the instance of an order whose end was claimed. What becomes of that is read from
 * its operation; a deprovision that is refused is repeated later, for the end was promised.
 */
export async function carryOutEnd(deps: OrdersDeps, { order, untilMs }: ClaimedEnd): Promise<void> {
  const refusal = await endInstance(deps, order, untilMs)
  const isOver =
    refusal === undefined ||
    (refusal instanceof BrokerError && ['gone', 'conflict'].includes(refusal.code))
  const delayMs = Math.min(minDelayMs * 2 ** Math.min(order.claims, 16), maxDelayMs)
  await releaseEnd(deps.db, order, isOver ? null : new Date(deps.now().getTime() + delayMs))
}

/** @returns why it was not deprovisioned; undefined when that was ordered */
async function endInstance(deps: OrdersDeps, order: Order, untilMs: number): Promise<unknown> {
  try {
    const { instance, platformId } = await instanceOf(deps, order)
    await deprovision(deps, {
      ...sourceFor(order, platformId, order.endedBy ?? order.personId, untilMs),
      instanceId: order.instanceId,
      serviceId: instance.offeringId,
      planId: instance.planId,
    })
    return undefined
  } catch (error) {
    return error
  }
}
