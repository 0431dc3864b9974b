import { coded, type Log } from '../log.ts'
import { deleteOldDrafts } from '../orders/delete-drafts.ts'
import type { OrdersDeps } from '../orders/deps.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 600_000
// Leaves the database to others between two portions.
const pauseMs = 20

/** Deletes orders that were never submitted, 90 days after their last change. */
export function deleteDrafts(
  deps: Pick<OrdersDeps, 'db' | 'now'> & { readonly log: Log },
): IntervalLoop {
  return startLoop({
    minPauseMs: pauseMs,
    round: async () => ((await deleteOldDrafts(deps)) ? 0 : intervalMs),
    onError(error) {
      deps.log.warn({ error: coded(error) }, 'could not delete old drafts of orders')
      return intervalMs
    },
  })
}
