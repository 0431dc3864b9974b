import type { Log } from '../log.ts'
import type { Removal } from '../orphans/run.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

const intervalMs = 300

/**
 * Claims orphans whose removal is due, at each provider with a quarter of the call slots that are
 * free.
 */
export function removeDueOrphans(deps: {
  readonly removal: Removal
  readonly log: Log
  readonly config: { readonly drainMs: number }
}): IntervalLoop {
  return workOnClaims({
    what: 'orphans',
    log: deps.log,
    intervalMs,
    // A call that is cut off has to be made again by another process.
    drainMs: deps.config.drainMs,
    idsOf: ({ id, providerId }) => ({ orphanId: id, providerId }),
    claim: () => deps.removal.claimDue(),
    work: (orphan, stop) => deps.removal.work(orphan, stop),
  })
}
