import type { Db } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import { coded } from '../../log.ts'
import type { Operation } from '../operation.ts'
import { renewLease } from './store.ts'

export interface Hold {
  /** Aborts when the claim was lost to another process, so that the call can be given up. */
  readonly lost: AbortSignal
  /** Whether the claim is over, or so nearly that nothing should be begun on its strength. */
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

/** Renews the leases of what this process works on, each after a third of its time; most steps end before that. */
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
          // The database is away: the lease may run out meanwhile, and fencing keeps us from writing then.
          (error: unknown) => {
            // As soon as it is back: others wait for that before they take over (jobs/run-due.ts).
            hold.renewAt = 0
            deps.log.warn({ operationId: operation.id, error: coded(error) }, 'lease not renewed')
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
      // By what was written with the claim, not by when we got to read it: a process may be paused in between.
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
