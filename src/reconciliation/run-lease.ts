import { coded } from '../log.ts'
import type { ReconciliationDeps } from './deps.ts'
import type { Run } from './run.ts'
import { renewRun } from './runs/store.ts'

export interface RunLease {
  /** Aborts when another process has taken the run. */
  readonly lost: AbortSignal
  release(): void
}

/** Renews the lease of a run, three times within its duration, until it is released. */
export function keepLease(deps: ReconciliationDeps, run: Run): RunLease {
  const lost = new AbortController()
  const timer = setInterval(() => {
    renewRun(deps.db, run, new Date(deps.now().getTime() + deps.times.leaseMs)).then(
      (kept) => {
        if (!kept) lost.abort(new Error('The lease was lost.'))
      },
      // The database is away: the fencing token prevents a late write if the lease ends meanwhile.
      (error: unknown) => {
        deps.log.warn(
          { runId: run.id, error: coded(error) },
          'the lease of a reconciliation could not be renewed',
        )
      },
    )
  }, deps.times.leaseMs / 3)
  timer.unref()
  return {
    lost: lost.signal,
    release: () => {
      clearInterval(timer)
    },
  }
}
