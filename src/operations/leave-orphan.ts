import type { Tx } from '../db/database.ts'
import { keepOrphan, releaseOrphans } from '../orphans/keep.ts'
import type { PreparedEffect } from './effect.ts'
import type { Operation } from './operation.ts'
import type { Verdict } from './verdict.ts'
import { isDelete, isFinished } from './states.ts'

/**
 * Writes down what an operation that ends may have left at its provider: what its policy wants kept, and what a call that
 * got no answer may still make until `quietUntil`, although "it is gone" was said meanwhile. A delete takes this over
 * from the create that it halted.
 */
export async function leaveOrphan(
  tx: Tx,
  operation: Operation,
  effect: PreparedEffect<unknown>,
  verdict: Verdict,
  now: Date,
): Promise<void> {
  if (!isFinished(verdict.state)) return
  const { instance, bindingId } = effect.progress
  const left = { instance, bindingId }
  if (isDelete(operation.kind)) {
    // What the provider was told to delete and did not is there, and stays.
    if (verdict.state === 'failed') return
    await releaseOrphans(
      tx,
      operation.providerId,
      instance.instanceId,
      bindingId ?? null,
      verdict.state === 'succeeded' && verdict.unconfirmed !== true,
      now,
    )
  } else if (verdict.state === 'succeeded') {
    return
  }
  const held = verdict.state === 'failed' ? verdict.held : undefined
  const quietUntil = held?.quietUntil ?? operation.quietUntil
  if (held !== undefined) {
    await keepOrphan(
      tx,
      {
        operation,
        left,
        cause: 'held',
        nextTryAt: held.until,
        quietUntil: quietUntil ?? undefined,
      },
      now,
    )
  } else if (quietUntil !== null && quietUntil > now) {
    await keepOrphan(
      tx,
      { operation, left, cause: 'doubtful_call', nextTryAt: quietUntil, quietUntil },
      now,
    )
  }
}
