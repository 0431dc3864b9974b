import { coded } from '../../log.ts'
import type { EngineDeps } from '../context.ts'
import type { Operation } from '../operation.ts'
import { operationSteps } from '../step-counter.ts'
import { inDoubtAfter, stateAfter } from '../in-doubt/unfinished-step.ts'
import { assertMove } from '../states.ts'
import { recordOrder } from './record-order.ts'
import { endStep } from './store.ts'

const maxInternalErrors = 5
/** The description of an operation that is parked for internal errors. */
export const parkedDescription =
  'Kontor cannot carry this operation on by itself; its operator has to look.'

/**
 * Releases an operation whose step threw: its rows or secrets cannot be read, its provider is gone,
 * or Kontor has a bug. The step is retried a few times with growing waits, then the operation is
 * parked. Never rejects: if the database is away too, the lease expires and a worker takes over.
 * @param mayHaveCalled  false: the step failed before it could send anything to the provider
 */
export async function recordStepFailure(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
): Promise<void> {
  const isLast = operation.internalErrors + 1 >= maxInternalErrors
  const state = isLast ? 'parked' : stateAfter(operation, mayHaveCalled)
  const now = deps.now()
  const nextStepAt = isLast
    ? null
    : new Date(
        now.getTime() +
          Math.min(deps.times.pollMs * 2 ** operation.internalErrors, deps.times.maxRetryMs),
      )
  try {
    assertMove(operation.kind, operation.state, state)
    await deps.db.transaction().execute(async (tx) => {
      const ours = await endStep(
        tx,
        operation,
        {
          state,
          retries: operation.retries,
          internalErrors: operation.internalErrors + 1,
          nextStepAt,
          finishedAt: null,
          inDoubtUntil: inDoubtAfter(deps, operation, mayHaveCalled),
          ...(isLast ? { description: whyParked(operation) } : {}),
        },
        now,
      )
      if (ours && isLast) await recordOrder(tx, operation, 'parked', now, { reason: 'broken_off' })
    })
    if (isLast) deps.metrics.count(operationSteps, { kind: operation.kind, state: 'parked' })
  } catch (error) {
    deps.log.warn(
      { operationId: operation.id, error: coded(error) },
      'the failure of a step could not be recorded',
    )
  }
}

// What a provider said while it worked is no reason; why it refused is.
function whyParked({ state, description }: Operation): string {
  return state === 'waiting' || description === null ? parkedDescription : description
}
