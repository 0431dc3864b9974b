// Composition of the job side.
import { carryOutOrders } from './jobs/carry-out-orders.ts'
import { checkLedger } from './jobs/check-ledger.ts'
import { deleteDrafts } from './jobs/delete-drafts.ts'
import { deleteStoredCredentials } from './jobs/delete-credentials.ts'
import { endOrders } from './jobs/end-orders.ts'
import type { IntervalLoop } from './jobs/interval-loop.ts'
import { followOrders } from './jobs/follow-orders.ts'
import { linkAudit } from './jobs/link-audit.ts'
import { postLedger } from './jobs/post-ledger.ts'
import { purgeMails } from './jobs/purge-mails.ts'
import { purgePeople } from './jobs/purge-people.ts'
import { refreshDueCatalogs } from './jobs/refresh-catalogs.ts'
import { remindPeople } from './jobs/remind-people.ts'
import { removeDueOrphans } from './jobs/remove-orphans.ts'
import { runDueOperations } from './jobs/run-operations.ts'
import { runDueReconciliations } from './jobs/run-reconciliations.ts'
import { sendMails } from './jobs/send-mails.ts'
import { writeCheckpoints } from './jobs/write-checkpoints.ts'
import type { Runtime } from './runtime/runtime.ts'

export interface Worker {
  stop(): Promise<void>
}

/**
 * Starts the jobs: steps of operations, submitted orders and their ends, old drafts, removal of
 * orphans, catalogs, reconciliations, deletion of binding credentials that must not be stored, the
 * chain of the audit log and its checkpoints, the balances of the ledger and its comparison with
 * the instances, the deletion of what has ended, and, where a mail server is set, mails to people.
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
    purgeMails(runtime),
    ...mailJobs(runtime),
  ]
  for (const { wake } of [catalogs, reconciliations]) runtime.onDue(wake)
  return {
    async stop() {
      await Promise.all([catalogs, reconciliations, ...others].map((job) => job.stop()))
    },
  }
}

function mailJobs(runtime: Runtime): IntervalLoop[] {
  const { mail, drainMs } = runtime.config
  if (mail === undefined) return []
  const sending = sendMails(runtime, mail, drainMs)
  return [followOrders(runtime, sending.wake), remindPeople(runtime), sending]
}
