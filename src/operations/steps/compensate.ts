import type { StepContext } from '../context.ts'
import type { Failure, StepResult } from '../step-result.ts'
import { later, retryLater } from './pace.ts'

/** Removes what an unclear or failed order may have made, again and again until the provider says that it is gone. */
export async function compensate(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open, times } = context
  if (prepared.compensate === undefined)
    throw new Error(`An operation of kind ${operation.kind} cannot be undone.`)
  const outcome = await prepared.compensate(open.backend, context.signal)
  const failure: Failure = {
    reason: 'provider_failed',
    description: operation.description ?? `${open.label}: the order failed.`,
  }
  if (outcome.kind === 'done') return { state: 'failed', failure }
  // One that is at it needs no person.
  if (outcome.kind !== 'pending' && operation.retries >= times.retriesBeforeParking)
    return { state: 'parked', failure }
  // After a 202 the same DELETE, sent again, tells when it is through.
  const wait =
    outcome.kind === 'pending'
      ? outcome.retryAfterSeconds
      : outcome.kind === 'refused'
        ? outcome.refusal.retryAfterSeconds
        : undefined
  return {
    state: 'compensating',
    nextStepAt: wait === undefined ? retryLater(context) : later(context, wait),
    retries: operation.retries + 1,
  }
}
