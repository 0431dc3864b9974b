import type { StepContext } from '../context.ts'
import type { Verdict } from '../verdict.ts'

/**
 * Where a removal would begin, what the provider's operator wants: with a hold or by hand the order is over at once and
 * what it may have left becomes an orphan that waits. A removal that has begun goes on. An update never gets here.
 */
export function asPolicyWants({ operation, open, now }: StepContext, verdict: Verdict): Verdict {
  const { mitigation } = open
  if (
    verdict.state !== 'compensating' ||
    operation.state === 'compensating' ||
    mitigation.policy === 'automatic'
  )
    return verdict
  return {
    state: 'failed',
    failure: verdict.failure ?? {
      reason: 'provider_failed',
      description: operation.description ?? `${open.label}: the order failed.`,
    },
    held: {
      until: mitigation.policy === 'hold' ? new Date(now().getTime() + mitigation.holdMs) : null,
      quietUntil: verdict.quietUntil,
    },
  }
}
