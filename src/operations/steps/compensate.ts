import { nextRemovalAt, readRemoval } from '../../orphans/removal/answer.ts'
import type { StepContext } from '../context.ts'
import type { Failure, StepResult } from '../step-result.ts'

/**
 * Removes what an unclear or failed order may have created; repeated until the provider says that
 * it is gone.
 */
export async function compensate(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open, times } = context
  if (prepared.compensate === undefined)
    throw new Error(`An operation of kind ${operation.kind} cannot be compensated.`)
  const answer = readRemoval(await prepared.compensate(open.backend, context.signal))
  const failure: Failure = {
    reason: 'provider_failed',
    description: operation.description ?? `${open.label}: the order failed.`,
  }
  if (answer.kind === 'gone') return { state: 'failed', failure }
  // A removal that is under way needs no operator.
  if (answer.kind === 'not_removed' && operation.retries >= times.retriesBeforeParking)
    return { state: 'parked', failure }
  return {
    state: 'compensating',
    nextStepAt: nextRemovalAt(answer, operation.retries, times, context.now()),
    retries: operation.retries + 1,
  }
}
