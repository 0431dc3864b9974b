// What is known of a step that a stop has cut off, or that ended just before it.
import type { Operation } from './operation.ts'
import type { StepResult } from './step-result.ts'

/** Whether the call was answered, however short before the stop, so that the verdict stands. Of steps that may be repeated: no. */
export function wasAnswered({ state }: Operation, stepResult: StepResult): boolean {
  if (state !== 'calling') return false
  if (stepResult.state === 'failed') return stepResult.failure.status !== undefined
  return stepResult.state === 'succeeded' || stepResult.state === 'waiting'
}

/** Whether anything of the call may have left us. */
export function maySent(stepResult: StepResult): boolean {
  return !('failure' in stepResult && stepResult.failure?.reason === 'not_sent')
}
