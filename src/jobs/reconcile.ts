import { coded } from '../log.ts'
import {
  reconciliationQueue,
  type JobLibrary,
  type Queue,
  type ReconciliationJob,
} from '../operations/queue.ts'
import type { ReconciliationDeps } from '../reconciliation/deps.ts'
import { startDueRuns } from '../reconciliation/due.ts'
import { reconcile } from '../reconciliation/reconcile.ts'

export interface ReconciliationWorkerDeps extends ReconciliationDeps {
  readonly boss: JobLibrary
  readonly queue: Queue
}

// Each holds what we have at a provider in memory. One that finds no room is offered again by the sweep.
const maxRuns = 4
const everyMs = 2_000

/** Starts the reconciliations that are due, and runs them. A job is done when its run has begun: the run's row says how it goes on. */
export async function workOnReconciliations(
  deps: ReconciliationWorkerDeps,
): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<void>>()

  const work = async (runId: string): Promise<void> => {
    try {
      const outcome = await reconcile(deps, runId, stopping.signal)
      deps.log.info({ runId, outcome }, 'reconciliation over')
    } catch (error) {
      // The claim runs out and the sweep hands the run on.
      deps.log.warn({ runId, error: coded(error) }, 'a reconciliation broke off')
    } finally {
      underWay.delete(runId)
    }
  }

  const options = {
    batchSize: maxRuns,
    localConcurrency: 1,
    pollingIntervalSeconds: 2,
    notifyPollingIntervalSeconds: 5,
  }
  await deps.boss.work<ReconciliationJob>(reconciliationQueue, options, async (jobs) => {
    for (const {
      data: { runId },
    } of jobs)
      if (underWay.size < maxRuns && !underWay.has(runId)) underWay.set(runId, work(runId))
  })
  let sweeping: NodeJS.Timeout | undefined
  let looking = Promise.resolve()
  const sweep = (): void => {
    looking = startDueRuns(deps)
      .catch((error: unknown) => {
        deps.log.warn({ error: coded(error) }, 'could not look for reconciliations that are due')
      })
      .finally(() => {
        if (!stopping.signal.aborted) sweeping = setTimeout(sweep, everyMs)
      })
  }
  sweep()
  return {
    async stop() {
      clearTimeout(sweeping)
      stopping.abort()
      await deps.boss.offWork(reconciliationQueue)
      await Promise.all([looking, ...underWay.values()])
    },
  }
}
