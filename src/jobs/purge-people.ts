import { forgetOwners } from '../instances/labels/forget-owners.ts'
import { coded, type Log } from '../log.ts'
import { purgeEnded, type PurgeDeps } from '../people/purge.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 3_600_000
// Leaves the database to others between two portions.
const pauseMs = 100

/**
 * Deletes sessions, tokens and invitations that have ended long ago, and owners of instances that
 * are gone, in every worker.
 */
export function purgePeople({ log, ...deps }: PurgeDeps & { readonly log: Log }): IntervalLoop {
  return startLoop({
    minPauseMs: pauseMs,
    async round() {
      const { isFull, ...ended } = await purgeEnded(deps)
      const { isFull: isMore, owners } = await forgetOwners(deps)
      const deleted = { ...ended, owners }
      if (Object.values(deleted).some((count) => count > 0))
        log.info(deleted, 'sessions, tokens, invitations and owners that had ended were deleted')
      return isFull || isMore ? 0 : intervalMs
    },
    onError(error) {
      log.warn({ error: coded(error) }, 'what has ended could not be deleted')
      return intervalMs
    },
  })
}
