import { coded } from '../log.ts'
import type { EngineDeps } from './context.ts'
import type { Operation } from './operation.ts'
import type { OperationState } from './states.ts'
import { settleOperation } from './store.ts'
import { spread } from './steps/pace.ts'

/** Where an operation stands whose step ended without a result: a call that may have left us is in doubt, everything else is where it was. */
export function stateAfter (state: OperationState, mayHaveCalled: boolean): OperationState {
  if (state !== 'calling') return state
  return mayHaveCalled ? 'uncertain' : 'accepted'
}

/**
 * Puts an operation off that got no place: the provider has none left, or is not called at present. It holds nobody else
 * up, and nothing counts as a try.
 */
export function postpone (deps: EngineDeps, operation: Operation, retryAfterMs: number): Promise<void> {
  return putDown(deps, operation, false, spread(operation.id, retryAfterMs))
}

/**
 * Gives an operation back whose step a stop has cut off, so that another process takes it up at once.
 * @param mayHaveCalled  false: nothing was said to the provider yet
 */
export function giveBack (deps: EngineDeps, operation: Operation, mayHaveCalled: boolean): Promise<void> {
  return putDown(deps, operation, mayHaveCalled, 0)
}

// Never rejects: if that cannot be written, the lease runs out.
async function putDown (deps: EngineDeps, operation: Operation, mayHaveCalled: boolean, waitMs: number): Promise<void> {
  const now = deps.now()
  const { tries, breaks } = operation
  const nextStepAt = new Date(now.getTime() + waitMs)
  await settleOperation(deps.db, operation, { state: stateAfter(operation.state, mayHaveCalled), tries, breaks, nextStepAt, finishedAt: null }, now)
    .catch((error: unknown) => { deps.log.warn({ operationId: operation.id, error: coded(error) }, 'operation could not be put down') })
}
