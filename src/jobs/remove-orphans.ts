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
}): IntervalLoop {
  return workOnClaims({
    what: 'orphans',
    log: deps.log,
    intervalMs,
    idsOf: ({ id, providerId }) => ({ orphanId: id, providerId }),
    claim: () => deps.removal.claimDue(),
    work: (orphan, stop) => deps.removal.work(orphan, stop),
  })
}
