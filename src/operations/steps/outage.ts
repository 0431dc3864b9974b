import type { StepContext } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { StepResult } from '../step-result.ts'
import { spread } from './pace.ts'

/**
 * What a step found out, less what is an outage's doing: while the provider's circuit is open a failure says nothing of
 * the operation. It counts as no try, so that no outage, however long, uses up what tries are for.
 */
export function excuseOutage(
  context: StepContext,
  stepResult: StepResult,
  outageMs: number,
): StepResult {
  const { operation, now } = context
  const nextStepAt = new Date(
    now().getTime() + spread(operation.id, Math.max(outageMs, context.times.pollMs)),
  )
  if ('retries' in stepResult && stepResult.retries > operation.retries) {
    return {
      ...stepResult,
      retries: operation.retries,
      nextStepAt: stepResult.nextStepAt > nextStepAt ? stepResult.nextStepAt : nextStepAt,
    }
  }
  // Nothing was answered, or the circuit would be closed: that says neither that the time is over nor that it was tried enough.
  if (isDecidedUnheard(operation, stepResult))
    return { state: operation.state, nextStepAt, retries: operation.retries }
  // It surely was not sent, so whoever can wait goes on waiting.
  const isUnsent =
    stepResult.state === 'failed' &&
    stepResult.failure.reason === 'not_sent' &&
    operation.state === 'calling'
  if (isUnsent && operation.acceptsIncomplete && now() < operation.deadlineAt)
    return { state: 'accepted', nextStepAt, retries: operation.retries }
  return stepResult
}

type Asking = 'waiting' | 'uncertain' | 'compensating'

// A step that only asks is simply asked again when the provider is called again. "It is gone" ends a removal all the same.
function isDecidedUnheard(
  operation: Operation,
  stepResult: StepResult,
): operation is Operation & { readonly state: Asking } {
  const { state } = operation
  if (state === 'compensating') return stepResult.state === 'parked'
  return (
    (state === 'waiting' || state === 'uncertain') &&
    stepResult.state !== state &&
    stepResult.state !== 'succeeded'
  )
}
