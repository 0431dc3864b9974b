import type { Tx } from '../db/database.ts'
import { keepOrphan, releaseOrphans } from '../orphans/keep.ts'
import type { PreparedEffect } from './effect.ts'
import type { Operation } from './operation.ts'
import { isFinished, mitigatedKinds, type OperationState } from './states.ts'

/**
 * Writes down what an operation that ends may have left at its provider: a call that got no answer may still arrive
 * until `quietUntil`, although "it is gone" was said meanwhile. A delete takes this over from the create that it halted.
 */
export async function settleOrphan (tx: Tx, operation: Operation, effect: PreparedEffect<unknown>, state: OperationState, now: Date): Promise<void> {
  if (!isFinished(state)) return
  const { instance, bindingId } = effect.progress
  const makesNew = mitigatedKinds.includes(operation.kind)
  const isDelete = operation.kind === 'deprovision' || operation.kind === 'unbind'
  if (isDelete && state === 'succeeded') await releaseOrphans(tx, operation.providerId, instance.instanceId, bindingId ?? null, now)
  const tookEffect = makesNew && state === 'succeeded'
  if (tookEffect || operation.quietUntil === null || operation.quietUntil <= now) return
  await keepOrphan(tx, {
    operation,
    left: { instance, bindingId },
    cause: 'doubtful_call',
    nextTryAt: operation.quietUntil,
    quietUntil: operation.quietUntil
  }, now)
}
