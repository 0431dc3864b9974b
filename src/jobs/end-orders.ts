import type { Log } from '../log.ts'
import type { OrdersDeps } from '../orders/deps.ts'
import { carryOutEnd, claimEnds, type ClaimedEnd } from '../orders/ending/carry-out-end.ts'
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
    claim: (limit) => claimEnds(deps, limit),
    work: (claimed: ClaimedEnd) => carryOutEnd(deps, claimed),
  })
}
