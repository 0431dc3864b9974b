import type { StepContext } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { StepResult } from '../step-result.ts'
import { spread } from './pace.ts'

/**
 * The result without the effects of an outage: while the circuit is open, a failure says nothing
 * about the operation. It does not count as a retry, so no outage, however long, uses the retries
 * up.
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
  // There was no answer (else the circuit would be closed), so neither the deadline nor the retry
  // limit decides.
  if (isDecidedWithoutAnswer(operation, stepResult))
    return { state: operation.state, nextStepAt, retries: operation.retries }
  // The call was certainly not sent, so an order that can wait goes on waiting.
  const isUnsent =
    stepResult.state === 'failed' &&
    stepResult.failure.reason === 'not_sent' &&
    operation.state === 'calling'
  if (isUnsent && operation.acceptsIncomplete && now() < operation.deadlineAt)
    return { state: 'accepted', nextStepAt, retries: operation.retries }
  return stepResult
}

type Asking = 'waiting' | 'uncertain' | 'compensating'

// A step that only asks is repeated when the circuit closes. "Gone" ends a removal nevertheless.
function isDecidedWithoutAnswer(
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
