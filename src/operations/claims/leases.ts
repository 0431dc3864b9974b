import type { Db } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import { coded } from '../../log.ts'
import type { Operation } from '../operation.ts'
import { renewLease } from './store.ts'

export interface Hold {
  /** Aborts when another process has taken the claim, so that the call can be cancelled. */
  readonly lost: AbortSignal
  /** Whether the lease has expired, or will so soon that no call may begin under it. */
  isOver(): boolean
  release(): void
}

export interface Leases {
  hold(operation: Operation): Hold
  stop(): void
}

export interface LeaseDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: { readonly leaseMs: number }
}

/**
 * Renews the leases of the operations that this process works on, each after a third of its
 * duration. Most steps end before that.
 */
export function createLeases(deps: LeaseDeps): Leases {
  const held = new Map<Operation, { renewAt: number; until: number; lost: AbortController }>()
  const period = deps.times.leaseMs / 3

  const timer = setInterval(
    () => {
      const now = deps.now().getTime()
      for (const [operation, hold] of held) {
        if (hold.renewAt > now) continue
        hold.renewAt = now + period
        renewLease(
          deps.db,
          operation.id,
          operation.fencingToken,
          new Date(now + deps.times.leaseMs),
        ).then(
          (kept) => {
            if (kept) hold.until = now + deps.times.leaseMs
            else if (held.has(operation)) hold.lost.abort(new Error('The claim was lost.'))
          },
          // The database is away. If the lease expires meanwhile, fencing prevents our late write.
          (error: unknown) => {
            // Renews as soon as the database is back: other processes wait for that before they
            // take over (jobs/run-due.ts).
            hold.renewAt = 0
            deps.log.warn(
              { operationId: operation.id, error: coded(error) },
              'a lease could not be renewed',
            )
          },
        )
      }
    },
    Math.max(50, period / 2),
  )
  timer.unref()

  return {
    hold(operation) {
      const lost = new AbortController()
      // The time in the row, not the time of reading it: the process may have been paused in
      // between.
      const until = operation.leaseUntil?.getTime() ?? 0
      const hold = { renewAt: until - 2 * period, until, lost }
      held.set(operation, hold)
      return {
        lost: lost.signal,
        isOver: () => deps.now().getTime() >= hold.until - period / 2,
        release: () => {
          held.delete(operation)
        },
      }
    },
    stop: () => {
      clearInterval(timer)
    },
  }
}
