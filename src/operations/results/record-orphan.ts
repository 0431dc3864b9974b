import type { Part } from '../../db/parts.ts'
import { orphanRow, releaseOrphans } from '../../orphans/record.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import type { StepResult } from '../step-result.ts'
import { isDelete } from '../states.ts'

/**
 * Records what an operation that ends may have left at its provider: what the mitigation policy
 * retains, and what a call without an answer may still create until `inDoubtUntil`, even if the
 * provider has said "gone" meanwhile. A delete inherits this from the create that it halted.
 * @param stepResult  the end of the operation: nothing but a delete may have succeeded
 */
export function orphansOf(
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  now: Date,
): readonly Part[] {
  const { state } = stepResult
  const { instance, bindingId } = prepared.progressQuery
  const resource = { instance, bindingId }
  const parts: Part[] = []
  if (isDelete(operation.kind)) {
    // A resource whose delete failed is still there, and is no orphan.
    if (state === 'failed') return []
    const isGone = state === 'succeeded' && stepResult.unconfirmed !== true
    const { providerId } = operation
    parts.push(releaseOrphans(providerId, instance.instanceId, bindingId ?? null, isGone, now))
  }
  const retained = state === 'failed' ? stepResult.retained : undefined
  const inDoubtUntil = retained?.inDoubtUntil ?? operation.inDoubtUntil ?? undefined
  if (retained !== undefined) {
    const nextRetryAt = retained.until
    const orphan = { operation, resource, cause: 'retained', nextRetryAt, inDoubtUntil } as const
    parts.push(orphanRow(orphan, now))
  } else if (inDoubtUntil !== undefined && inDoubtUntil > now) {
    const nextRetryAt = inDoubtUntil
    const cause = 'doubtful_call' as const
    parts.push(orphanRow({ operation, resource, cause, nextRetryAt, inDoubtUntil }, now))
  }
  return parts
}
