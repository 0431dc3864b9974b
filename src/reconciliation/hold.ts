import { coded } from '../log.ts'
import type { ReconciliationDeps } from './deps.ts'
import type { Run } from './run.ts'
import { renewRun } from './store.ts'

export interface Hold {
  /** Aborts when another process has taken the run. */
  readonly lost: AbortSignal
  release(): void
}

/** Renews the claim on a run, each third of its time, until it is released. */
export function holdRun(deps: ReconciliationDeps, run: Run): Hold {
  const lost = new AbortController()
  const timer = setInterval(() => {
    renewRun(deps.db, run, new Date(deps.now().getTime() + deps.times.leaseMs)).then(
      (kept) => {
        if (!kept) lost.abort(new Error('The claim was lost.'))
      },
      // The database is away: fencing keeps us from writing if the claim runs out meanwhile.
      (error: unknown) => {
        deps.log.warn(
          { runId: run.id, error: coded(error) },
          'the claim on a reconciliation was not renewed',
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
