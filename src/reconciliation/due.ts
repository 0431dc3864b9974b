import { newId } from '../ids.ts'
import { claimDueProviders, planRuns } from '../providers/reconciliation-schedule.ts'
import type { ReconciliationDeps } from './deps.ts'
import type { Run } from './run.ts'
import { claimRuns, insertRun } from './runs/store.ts'

/**
 * Plans the runs that are due, each once over all processes, and claims runs that no live process
 * works on.
 */
export async function claimDueRuns(
  { db, now: clock, times }: Pick<ReconciliationDeps, 'db' | 'now' | 'times'>,
  limit: number,
): Promise<Run[]> {
  const now = clock()
  await planRuns(db, now)
  await db.transaction().execute(async (tx) => {
    // A run that was requested and has not ended serves as the scheduled one.
    for (const providerId of await claimDueProviders(tx, now))
      await insertRun(tx, newId(now), providerId, 'schedule', now)
  })
  return claimRuns(db, now, new Date(now.getTime() + times.leaseMs), limit)
}
