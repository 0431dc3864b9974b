import type { Db } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import { coded } from '../../log.ts'
import type { Operation } from '../operation.ts'
import { renewLease } from './store.ts'

export interface Hold {
  /**
   * Cancels the calls of the step: another process has taken the claim, or this process stops, or
   * `cancel` was called.
   */
  readonly signal: AbortSignal
  cancel(): void
  /** Whether the lease has expired, or will so soon that no call may begin under it. */
  isOver(): boolean
  /** Ends the renewal of the lease; the claim in the row stays as it is. */
  end(): void
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

interface Held {
  renewAt: number
  until: number
  readonly calls: AbortController
}

/**
 * Renews the leases of the operations that this process works on, each after a third of its
 * duration. Most steps end before that.
 * @param stop  cancels all calls. One signal for each step: a signal made of several costs each
 *   order more than all else here
 */
export function createLeases(deps: LeaseDeps, stop: AbortSignal): Leases {
  const held = new Map<Operation, Held>()
  stop.addEventListener('abort', () => {
    for (const { calls } of held.values()) calls.abort()
  })
  const period = deps.times.leaseMs / 3
  const renewDue = (): void => {
    const now = deps.now().getTime()
    for (const [operation, hold] of held) {
      if (hold.renewAt > now) continue
      hold.renewAt = now + period
      void renew(deps, operation, hold, now + deps.times.leaseMs)
    }
  }
  const timer = setInterval(renewDue, Math.max(50, period / 2))
  timer.unref()

  return {
    hold(operation) {
      const calls = new AbortController()
      if (stop.aborted) calls.abort()
      // The time in the row, not the time of reading it: the process may have been paused in
      // between.
      const until = operation.leaseUntil?.getTime() ?? 0
      const hold = { renewAt: until - 2 * period, until, calls }
      held.set(operation, hold)
      return {
        signal: calls.signal,
        cancel: () => {
          calls.abort()
        },
        isOver: () => deps.now().getTime() >= hold.until - period / 2,
        end: () => {
          held.delete(operation)
        },
      }
    },
    stop: () => {
      clearInterval(timer)
    },
  }
}

async function renew(
  deps: LeaseDeps,
  { id, fencingToken }: Operation,
  hold: Held,
  until: number,
): Promise<void> {
  try {
    if (await renewLease(deps.db, id, fencingToken, new Date(until))) hold.until = until
    // Aborting the signal of a step that has ended meanwhile does nothing.
    else hold.calls.abort(new Error('The claim was lost.'))
  } catch (error) {
    // The database is away. If the lease expires meanwhile, fencing prevents our late write.
    // Renews as soon as the database is back: other processes wait for that before they take over
    // (jobs/run-operations.ts).
    hold.renewAt = 0
    deps.log.warn({ operationId: id, error: coded(error) }, 'a lease could not be renewed')
  }
}
