import { setTimeout as wait } from 'node:timers/promises'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import { coded } from '../../log.ts'
import type { EngineDeps } from '../context.ts'
import { inDoubtAfter, stateAfter } from '../in-doubt/unfinished-step.ts'
import type { Operation } from '../operation.ts'
import { endStep } from '../results/store.ts'
import { spread } from '../steps/pace.ts'

/**
 * Reschedules an operation that got no slot, because none is free or the circuit is open. It delays
 * no other operation and does not count as a retry.
 */
export async function reschedule(
  deps: EngineDeps,
  operation: Operation,
  retryAfterMs: number,
  stop: AbortSignal,
): Promise<void> {
  await writeReleased(deps, operation, false, spread(operation.id, retryAfterMs), stop)
}

/**
 * Releases the claim of an operation whose step was interrupted by a stop or could not begin, so
 * that another worker takes it at once.
 * @param mayHaveCalled  false: nothing was sent to the provider yet
 * @returns false when the claim was lost: another process already has the operation
 */
export function releaseClaim(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
  stop: AbortSignal,
): Promise<boolean> {
  return writeReleased(deps, operation, mayHaveCalled, 0, stop)
}

// Never rejects: if the write fails, the lease expires. That alone would turn a call that was never
// sent into a doubtful one, so it retries while the database is away, until the process stops.
async function writeReleased(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
  waitMs: number,
  stop: AbortSignal,
): Promise<boolean> {
  const { retries, internalErrors } = operation
  for (;;) {
    const now = deps.now()
    const nextStepAt = new Date(now.getTime() + waitMs)
    const end = {
      state: stateAfter(operation, mayHaveCalled),
      retries,
      internalErrors,
      nextStepAt,
      inDoubtUntil: inDoubtAfter(deps, operation, mayHaveCalled),
      finishedAt: null,
    }
    try {
      return await endStep(deps.db, operation, end, now)
    } catch (error) {
      if (isTransientDatabaseError(error) && !stop.aborted) {
        await wait(retryMs)
        continue
      }
      deps.log.warn(
        { operationId: operation.id, error: coded(error) },
        'the claim of an operation could not be released',
      )
      return true
    }
  }
}

const retryMs = 250
