import { setTimeout as wait } from 'node:timers/promises'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import { coded } from '../../log.ts'
import type { EngineDeps } from '../context.ts'
import { inDoubtAfter, stateAfter } from '../in-doubt/unfinished-step.ts'
import type { Operation } from '../operation.ts'
import { settleOperation } from '../results/store.ts'
import { spread } from '../steps/pace.ts'

/**
 * Puts an operation off that got no place: the provider has none left, or is not called at present. It holds nobody else
 * up, and nothing counts as a try.
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
 * Gives an operation back whose step a stop has cut off, or could not begin, so that it is taken up at once.
 * @param mayHaveCalled  false: nothing was said to the provider yet
 * @returns false when the claim was lost, so that somebody else has it already
 */
export function releaseClaim(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
  stop: AbortSignal,
): Promise<boolean> {
  return writeReleased(deps, operation, mayHaveCalled, 0, stop)
}

// Never rejects: if that cannot be written, the lease runs out. Then a call that was never sent would count as doubtful, so
// a database that is away is waited for, but by a stop.
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
    const settled = {
      state: stateAfter(operation, mayHaveCalled),
      retries,
      internalErrors,
      nextStepAt,
      inDoubtUntil: inDoubtAfter(deps, operation, mayHaveCalled),
      finishedAt: null,
    }
    try {
      return await settleOperation(deps.db, operation, settled, now)
    } catch (error) {
      if (isTransientDatabaseError(error) && !stop.aborted) {
        await wait(betweenTriesMs)
        continue
      }
      deps.log.warn(
        { operationId: operation.id, error: coded(error) },
        'operation could not be put down',
      )
      return true
    }
  }
}

const betweenTriesMs = 250
