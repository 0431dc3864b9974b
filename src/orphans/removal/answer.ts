// Shared by the compensation of an operation and the removal of an orphan.
import type { Outcome } from '../../backends/backend.ts'
import { askedMs, backOffMs } from '../../providers/back-off.ts'

/** What a provider's answer to a DELETE says about the removal. */
export type RemovalAnswer =
  | { readonly kind: 'gone' }
  | {
      /** `under_way`: the same DELETE, sent again, tells when the removal has ended. */
      readonly kind: 'under_way' | 'not_removed'
      readonly retryAfterSeconds: number | undefined
      readonly description: string
    }

export function readRemoval(outcome: Outcome<unknown>): RemovalAnswer {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'gone' }
    case 'pending':
      return {
        kind: 'under_way',
        retryAfterSeconds: outcome.retryAfterSeconds,
        description: 'It is being removed.',
      }
    case 'refused':
      return {
        kind: 'not_removed',
        retryAfterSeconds: outcome.refusal.retryAfterSeconds,
        description: outcome.refusal.description,
      }
    case 'unknown':
      return {
        kind: 'not_removed',
        retryAfterSeconds: undefined,
        description: outcome.description,
      }
    default:
      return outcome satisfies never
  }
}

export interface RemovalPace {
  readonly pollMs: number
  readonly maxRetryMs: number
}

/**
 * When to send the DELETE again.
 * @param retries  how often it was sent before
 */
export function nextRemovalAt(
  { retryAfterSeconds }: { readonly retryAfterSeconds: number | undefined },
  retries: number,
  { pollMs, maxRetryMs }: RemovalPace,
  now: Date,
): Date {
  const waitMs =
    retryAfterSeconds === undefined
      ? backOffMs(retries, pollMs, maxRetryMs)
      : askedMs(retryAfterSeconds * 1_000, pollMs)
  return new Date(now.getTime() + waitMs)
}
