import type { Operation } from '../operation.ts'
import { isDelete } from '../states.ts'
import type { StepResult } from '../step-result.ts'

/**
 * Ends, before its call, an order whose client has gone: one that timed out may have sent its
 * DELETE before the order was committed. That found nothing, so what the order makes would leak.
 * @returns undefined when the call is to be made. That of a delete always is: it may have taken
 *   over from the order of what it deletes
 */
export function endAbandoned(
  { kind }: Operation,
  client: { isAbandoned(): boolean },
): StepResult | undefined {
  if (isDelete(kind) || !client.isAbandoned()) return undefined
  return {
    state: 'failed',
    failure: {
      reason: 'abandoned',
      description: 'The caller went away before the provider was called; nothing was sent to it.',
    },
  }
}
