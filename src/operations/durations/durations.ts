import type { Db } from '../../db/database.ts'
import type { OperationKind } from '../states.ts'
import { merged, sampleOf, limitOutlier, usualOf, type Estimate, type Usual } from './estimate.ts'
import { listEstimates, mergeEstimates, type Row } from './store.ts'

/**
 * How long operations usually take at their provider. Read from memory: no order queries for it.
 */
export interface Durations {
  /**
   * How long an operation of this kind and plan usually takes; undefined while too few are known.
   */
  usual(planId: string, kind: OperationKind): Usual | undefined
  /** One has succeeded, `ms` after it was sent. */
  learn(planId: string, kind: OperationKind, ms: number): void
  /**
   * Writes what this process has learned and reads what others have. Rejects with the driver's
   * error; nothing is lost then.
   */
  exchange(): Promise<void>
}

const keyOf = (planId: string, kind: OperationKind) => `${planId} ${kind}`

/** Loads the known durations. */
export async function openDurations(db: Db): Promise<Durations> {
  const known = new Map<string, Row>()
  // Learned by this process and not written yet.
  let fresh = new Map<string, Row>()

  const take = (rows: readonly Row[]) => {
    for (const row of rows) known.set(keyOf(row.planId, row.kind), row)
  }
  const add = ({ planId, kind, estimate }: Row) => {
    const key = keyOf(planId, kind)
    fresh.set(key, { planId, kind, estimate: merged(fresh.get(key)?.estimate, estimate) })
  }
  const estimateOf = (planId: string, kind: OperationKind): Estimate | undefined => {
    const key = keyOf(planId, kind)
    const before = known.get(key)?.estimate
    const added = fresh.get(key)?.estimate
    return added === undefined ? before : merged(before, added)
  }

  take(await listEstimates(db))
  let readAt = performance.now()
  return {
    usual: (planId, kind) => usualOf(estimateOf(planId, kind)),
    learn(planId, kind, ms) {
      // The clocks of two machines differ: there is nothing to learn.
      if (!(ms > 0)) return
      add({ planId, kind, estimate: limitOutlier(estimateOf(planId, kind), sampleOf(ms)) })
    },
    async exchange() {
      const given = [...fresh.values()]
      fresh = new Map()
      await mergeEstimates(db, given).catch((error: unknown) => {
        for (const row of given) add(row)
        throw error
      })
      const beganAt = performance.now()
      // A minute more than has passed: a merge becomes visible only when it commits.
      take(await listEstimates(db, (beganAt - readAt) / 1_000 + 60))
      readAt = beganAt
    },
  }
}
