import { coded, type Log } from '../log.ts'
import { carryOutClaimed } from '../orders/carry-out.ts'
import { claimDue, type ClaimedOrder } from '../orders/claims/claim.ts'
import type { OrdersDeps } from '../orders/deps.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

const intervalMs = 1_000
const maxAtATime = 10

/**
 * Orders at their providers what people have submitted, where the process that took the submission
 * died over it or could not do it then.
 */
export function carryOutOrders(deps: OrdersDeps & { readonly log: Log }): IntervalLoop {
  return workOnClaims({
    what: 'orders',
    log: deps.log,
    intervalMs,
    maxAtATime,
    idsOf: ({ order }) => ({ orderId: order.id }),
    claim: (limit) => claimDue(deps, 'due_at', limit),
    work: (claimed: ClaimedOrder) =>
      carryOutClaimed(deps, claimed, (error) => {
        const { id: orderId, claims } = claimed.order
        deps.log.warn(
          { error: coded(error), orderId, claims },
          'a submitted order could not be ordered; it is tried again later',
        )
      }),
  })
}
