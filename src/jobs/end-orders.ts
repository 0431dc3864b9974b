import type { Log } from '../log.ts'
import type { OrdersDeps } from '../orders/deps.ts'
import { claimDue, type ClaimedOrder } from '../orders/claims/claim.ts'
import { carryOutEnd } from '../orders/ending/carry-out-end.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

const intervalMs = 5_000
const maxAtATime = 10

/** Deprovisions the instances of cancelled orders on the day of their end. */
export function endOrders(deps: OrdersDeps & { readonly log: Log }): IntervalLoop {
  return workOnClaims({
    what: 'ends of orders',
    log: deps.log,
    intervalMs,
    maxAtATime,
    idsOf: ({ order }) => ({ orderId: order.id }),
    claim: (limit) => claimDue(deps, 'end_due_at', limit),
    work: (claimed: ClaimedOrder) => carryOutEnd(deps, claimed),
  })
}
