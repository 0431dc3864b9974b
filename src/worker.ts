// Composition root of the job side.
import type { Runtime } from './runtime.ts'
import { linkAudit } from './jobs/link-audit.ts'
import { workOnCatalogs } from './jobs/refresh-catalog.ts'
import { workOnReconciliations } from './jobs/reconcile.ts'
import { workOnDue } from './jobs/run-due.ts'
import { sweepCatalogs } from './jobs/sweep-catalogs.ts'

export interface Worker {
  stop(): Promise<void>
}

/** Starts working: steps of operations and orphans whose turn has come, catalogs and reconciliations that are due, the audit log's chain. */
export async function startWorker(runtime: Runtime): Promise<Worker> {
  const catalogs = await workOnCatalogs(runtime)
  const reconciliations = await workOnReconciliations({ ...runtime, times: runtime.config })
  const sweeping = sweepCatalogs(runtime)
  const working = workOnDue(runtime)
  const linking = linkAudit(runtime)
  return {
    async stop() {
      sweeping.stop()
      await Promise.all([working.stop(), catalogs.stop(), reconciliations.stop(), linking.stop()])
    },
  }
}
