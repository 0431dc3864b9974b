import { coded, type Log } from '../log.ts'
import type { OrdersDeps } from '../orders/deps.ts'
import { checkFollowed } from '../orders/following/follow.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 1_000
const atOnce = 50
// Leaves the database to others between two portions.
const pauseMs = 20

/**
 * Writes mails of what has become of people's orders.
 * @param onMails  some have been written
 */
export function followOrders(
  deps: Pick<OrdersDeps, 'db' | 'now'> & { readonly log: Log },
  onMails: () => void,
): IntervalLoop {
  return startLoop({
    minPauseMs: pauseMs,
    async round() {
      const { orders, mails } = await checkFollowed(deps, atOnce)
      if (mails > 0) onMails()
      return orders === atOnce ? 0 : intervalMs
    },
    onError(error) {
      deps.log.warn({ error: coded(error) }, 'what became of orders could not be read for mails')
      return intervalMs
    },
  })
}
