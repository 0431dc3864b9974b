import type { Tx } from '../../db/database.ts'
import { recordOrphanRow, releaseOrphans } from '../../orphans/record.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import type { StepResult } from '../step-result.ts'
import { isDelete, isFinished } from '../states.ts'

/**
 * Records what an operation that ends may have left at its provider: what the mitigation policy
 * retains, and what a call without an answer may still create until `inDoubtUntil`, even if the
 * provider has said "gone" meanwhile. A delete inherits this from the create that it halted.
 */
export async function recordOrphan(
  tx: Tx,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  now: Date,
): Promise<void> {
  if (!isFinished(stepResult.state)) return
  const { instance, bindingId } = prepared.progressQuery
  const resource = { instance, bindingId }
  if (isDelete(operation.kind)) {
    // A resource whose delete failed is still there, and is no orphan.
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
