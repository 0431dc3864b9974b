import { newId } from '../ids.ts'
import type { StartDeps } from './start.ts'
import { claimDueProviders, insertRun, listStrandedRuns, planRuns } from './store.ts'

// Whoever has the job gets a moment's start.
const graceMs = 10_000

/** Starts the runs that are due, each once over all processes, and hands on those that nobody works on. */
export async function startDueRuns(deps: StartDeps): Promise<void> {
  const now = deps.now()
  await planRuns(deps.db, now)
  await deps.db.transaction().execute(async (tx) => {
    for (const providerId of await claimDueProviders(tx, now)) {
      const runId = newId(now)
      // One that was asked for and is not over yet will do.
      if (await insertRun(tx, runId, providerId, 'schedule', now))
        await deps.queue.enqueueReconciliation(tx, runId)
    }
  })
  for (const runId of await listStrandedRuns(deps.db, now, new Date(now.getTime() - graceMs)))
    await deps.queue.enqueueReconciliation(deps.db, runId)
}
