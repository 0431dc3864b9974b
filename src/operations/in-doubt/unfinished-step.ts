// What is known of a step that ended without a result, because the process stops or an error interrupted it.
import type { EngineDeps } from '../context.ts'
import type { Operation } from '../operation.ts'
import { mitigatedKinds, type OperationState } from '../states.ts'
import type { StepResult } from '../step-result.ts'

/** Whether the call was answered, however short before the stop, so that its result stands. Of steps that may be repeated: no. */
export function wasAnswered({ state }: Operation, stepResult: StepResult): boolean {
  if (state !== 'calling') return false
  if (stepResult.state === 'failed') return stepResult.failure.status !== undefined
  return stepResult.state === 'succeeded' || stepResult.state === 'waiting'
}

/** Whether anything of the call may have left us. */
export function maySent(stepResult: StepResult): boolean {
  return !('failure' in stepResult && stepResult.failure?.reason === 'not_sent')
}

/**
 * Where an operation stands whose step ended without a result: a call that may have left us is in doubt, and so is one
 * whose platform could not wait, for it has been told an error and the order must not come to be later. Everything else
 * is where it was.
 */
export function stateAfter(
  { state, acceptsIncomplete }: Operation,
  mayHaveCalled: boolean,
): OperationState {
  if (state !== 'calling') return state
  return mayHaveCalled || !acceptsIncomplete ? 'uncertain' : 'accepted'
}

/** What such a call makes may still come until then. */
export function inDoubtAfter(
  deps: Pick<EngineDeps, 'now' | 'times'>,
  { state, kind }: Operation,
  mayHaveCalled: boolean,
): Date | undefined {
  const mayMake = state === 'calling' && mayHaveCalled && mitigatedKinds.includes(kind)
  return mayMake ? new Date(deps.now().getTime() + deps.times.inDoubtMs) : undefined
}
