// What is known of a step without a result: the process stopped, or an error interrupted it.
import type { EngineDeps } from '../context.ts'
import type { Operation } from '../operation.ts'
import { mitigatedKinds, type OperationState } from '../states.ts'
import type { StepResult } from '../step-result.ts'

/**
 * Whether the call got its answer just before the stop, so that its result stands. False for polls,
 * look-ups and removals: another process simply repeats them.
 */
export function wasAnswered({ state }: Operation, stepResult: StepResult): boolean {
  if (state !== 'calling') return false
  if (stepResult.state === 'failed') return stepResult.failure.status !== undefined
  return stepResult.state === 'succeeded' || stepResult.state === 'waiting'
}

/** Whether any of the request may have been sent. */
export function mayHaveBeenSent(stepResult: StepResult): boolean {
  return !('failure' in stepResult && stepResult.failure?.reason === 'not_sent')
}

/**
 * The state after a step without a result. A call that may have been sent is in doubt. So is one
 * whose platform could not wait: it got an error, so the order must not take effect later. Any
 * other operation keeps its state.
 */
export function stateAfter(
  { state, acceptsIncomplete }: Operation,
  mayHaveCalled: boolean,
): OperationState {
  if (state !== 'calling') return state
  return mayHaveCalled || !acceptsIncomplete ? 'uncertain' : 'accepted'
}

/** Until when such a call may still create something. */
export function inDoubtAfter(
  deps: Pick<EngineDeps, 'now' | 'times'>,
  { state, kind }: Operation,
  mayHaveCalled: boolean,
): Date | undefined {
  const mayMake = state === 'calling' && mayHaveCalled && mitigatedKinds.includes(kind)
  return mayMake ? new Date(deps.now().getTime() + deps.times.inDoubtMs) : undefined
}
