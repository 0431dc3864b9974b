import type { Tx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'
import type { Halted } from '../in-doubt/in-doubt.ts'
import { recordOrder } from '../results/record-order.ts'
import type { OperationState } from '../states.ts'
import { endOperation } from './store.ts'

/**
 * Ends a running operation because a delete replaces it. A process that holds its claim loses it.
 * @returns undefined when the operation has moved on; else until when its call may still arrive
 */
export async function haltOperation(
  tx: Tx,
  operation: Operation,
  states: readonly OperationState[],
  description: string,
  now: Date,
): Promise<Halted | undefined> {
  const ended = await endOperation(tx, operation.platformId, operation.id, states, description, now)
  if (ended !== undefined) await recordOrder(tx, operation, 'failed', now, { reason: 'halted' })
  return ended
}
