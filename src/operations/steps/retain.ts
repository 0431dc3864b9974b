import type { StepContext } from '../context.ts'
import type { StepResult } from '../step-result.ts'

/**
 * Where a removal would begin, what the provider's operator wants: with a hold or by hand the order is over at once and
 * what it may have left becomes an orphan that waits. A removal that has begun goes on. An update never gets here.
 */
export function retainByPolicy(
  { operation, open, now }: StepContext,
  stepResult: StepResult,
): StepResult {
  const { mitigation } = open
  if (
    stepResult.state !== 'compensating' ||
    operation.state === 'compensating' ||
    mitigation.policy === 'automatic'
  )
    return stepResult
  return {
    state: 'failed',
    failure: stepResult.failure ?? {
      reason: 'provider_failed',
      description: operation.description ?? `${open.label}: the order failed.`,
    },
    retained: {
      until:
        mitigation.policy === 'retain' ? new Date(now().getTime() + mitigation.retainMs) : null,
      inDoubtUntil: stepResult.inDoubtUntil,
    },
  }
}
