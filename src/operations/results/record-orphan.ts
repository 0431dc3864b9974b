import type { Tx } from '../../db/database.ts'
import { recordOrphanRow, releaseOrphans } from '../../orphans/record.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import type { StepResult } from '../step-result.ts'
import { isDelete, isFinished } from '../states.ts'

/**
 * Writes down what an operation that ends may have left at its provider: what its policy wants kept, and what a call that
 * got no answer may still make until `inDoubtUntil`, although "it is gone" was said meanwhile. A delete takes this over
 * from the create that it halted.
 */
export async function recordOrphan(
  tx: Tx,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  now: Date,
): Promise<void> {
  if (!isFinished(stepResult.state)) return
  const { instance, bindingId } = prepared.progress
  const resource = { instance, bindingId }
  if (isDelete(operation.kind)) {
    // What the provider was told to delete and did not is there, and stays.
    if (stepResult.state === 'failed') return
    await releaseOrphans(
      tx,
      operation.providerId,
      instance.instanceId,
      bindingId ?? null,
      stepResult.state === 'succeeded' && stepResult.unconfirmed !== true,
      now,
    )
  } else if (stepResult.state === 'succeeded') {
    return
  }
  const retained = stepResult.state === 'failed' ? stepResult.retained : undefined
  const inDoubtUntil = retained?.inDoubtUntil ?? operation.inDoubtUntil
  if (retained !== undefined) {
    await recordOrphanRow(
      tx,
      {
        operation,
        resource,
        cause: 'retained',
        nextRetryAt: retained.until,
        inDoubtUntil: inDoubtUntil ?? undefined,
      },
      now,
    )
  } else if (inDoubtUntil !== null && inDoubtUntil > now) {
    await recordOrphanRow(
      tx,
      { operation, resource, cause: 'doubtful_call', nextRetryAt: inDoubtUntil, inDoubtUntil },
      now,
    )
  }
}
