import { claimDueRuns } from '../reconciliation/due.ts'
import type { ReconciliationDeps } from '../reconciliation/deps.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import type { Run } from '../reconciliation/run.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

const intervalMs = 2_000
// Each holds in memory what Kontor has at a provider.
const maxAtATime = 4

/** Plans the reconciliations that are due, and runs those that no process works on. */
export function runDueReconciliations(deps: ReconciliationDeps): IntervalLoop {
  return workOnClaims({
    what: 'reconciliations',
    log: deps.log,
    intervalMs,
    maxAtATime,
    idsOf: ({ id, providerId }: Run) => ({ runId: id, providerId }),
    claim: (limit) => claimDueRuns(deps, limit),
    async work(run, stop) {
      const outcome = await reconcile(deps, run, stop)
      deps.log.info({ runId: run.id, outcome }, 'reconciliation ended')
    },
  })
}
