import { coded } from '../../log.ts'
import type { EngineDeps } from '../context.ts'
import type { Operation } from '../operation.ts'
import { inDoubtAfter, stateAfter } from '../in-doubt/unfinished-step.ts'
import { assertMove } from '../states.ts'
import { recordOrder } from './record-order.ts'
import { settleOperation } from './store.ts'

const breaksBeforeParking = 5
/** What a platform is told of an operation that is parked for errors of our own. */
export const parkedText =
  'Kontor cannot carry this operation on by itself; its operator has to look.'

/**
 * Puts an operation down whose step threw: rows that cannot be read or opened, a provider that is gone, a bug of ours.
 * It is tried again a few times, ever later, and then left to a person. Never rejects: if the database is away too,
 * the lease runs out and a worker takes it up.
 * @param mayHaveCalled  false: the step broke off before it could say anything to the provider
 */
export async function recordStepFailure(
  deps: EngineDeps,
  operation: Operation,
  mayHaveCalled: boolean,
): Promise<void> {
  const isLast = operation.internalErrors + 1 >= breaksBeforeParking
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
      const ours = await settleOperation(
        tx,
        operation,
        {
          state,
          retries: operation.retries,
          internalErrors: operation.internalErrors + 1,
          nextStepAt,
          finishedAt: null,
          inDoubtUntil: inDoubtAfter(deps, operation, mayHaveCalled),
          ...(isLast ? { description: operation.description ?? parkedText } : {}),
        },
        now,
      )
      if (ours && isLast) await recordOrder(tx, operation, 'parked', now, 'broken_off')
    })
    if (isLast) deps.metrics.operationSettled(operation.kind, 'parked')
  } catch (error) {
    deps.log.warn(
      { operationId: operation.id, error: coded(error) },
      'operation could not be put down',
    )
  }
}
