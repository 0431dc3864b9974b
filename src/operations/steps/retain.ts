import type { StepContext } from '../context.ts'
import type { StepResult } from '../step-result.ts'

/**
 * Applies the mitigation policy where a removal would begin: with `retain` or by hand the order
 * fails at once, and what it may have left becomes an orphan that waits. A removal that has begun
 * goes on. No update gets here.
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
