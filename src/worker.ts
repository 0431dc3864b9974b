// Composition of the job side.
import { carryOutOrders } from './jobs/carry-out-orders.ts'
import { checkLedger } from './jobs/check-ledger.ts'
import { deleteDrafts } from './jobs/delete-drafts.ts'
import { deleteStoredCredentials } from './jobs/delete-credentials.ts'
import { endOrders } from './jobs/end-orders.ts'
import { linkAudit } from './jobs/link-audit.ts'
import { postLedger } from './jobs/post-ledger.ts'
import { purgePeople } from './jobs/purge-people.ts'
import { refreshDueCatalogs } from './jobs/refresh-catalogs.ts'
import { removeDueOrphans } from './jobs/remove-orphans.ts'
import { runDueOperations } from './jobs/run-operations.ts'
import { runDueReconciliations } from './jobs/run-reconciliations.ts'
import { writeCheckpoints } from './jobs/write-checkpoints.ts'
import type { Runtime } from './runtime/runtime.ts'

export interface Worker {
  stop(): Promise<void>
}

/**
 * Starts the jobs: steps of operations, submitted orders and their ends, old drafts, removal of
 * orphans, catalogs, reconciliations, deletion of binding credentials that must not be stored, the
 * chain of the audit log and its checkpoints, the balances of the ledger and its comparison with
 * the instances, the deletion of what has ended.
 */
export function startWorker(runtime: Runtime): Worker {
  const catalogs = refreshDueCatalogs(runtime)
  const reconciliations = runDueReconciliations({ ...runtime, times: runtime.config })
  const others = [
    runDueOperations(runtime),
    carryOutOrders(runtime),
    endOrders(runtime),
    deleteDrafts(runtime),
    removeDueOrphans(runtime),
    deleteStoredCredentials(runtime),
    linkAudit(runtime),
    postLedger(runtime),
    checkLedger(runtime),
    writeCheckpoints(runtime),
    purgePeople({ ...runtime, sessionLimits: runtime.config.sessionLimits }),
  ]
  for (const { wake } of [catalogs, reconciliations]) runtime.onDue(wake)
  return {
    async stop() {
      await Promise.all([catalogs, reconciliations, ...others].map((job) => job.stop()))
    },
  }
}
