import type { Tx } from '../../db/database.ts'
import type { Operation } from '../operation.ts'
import type { Halted } from '../in-doubt/in-doubt.ts'
import { recordOrder } from '../results/record-order.ts'
import type { OperationState } from '../states.ts'
import { endOperation } from './store.ts'

/**
 * Ends a running operation from outside, because a delete takes its place. Whoever holds its claim finds it void.
 * @returns undefined when it has moved on meanwhile; else until when its call may still arrive
 */
export async function haltOperation(
  tx: Tx,
  operation: Operation,
  states: readonly OperationState[],
  description: string,
  now: Date,
): Promise<Halted | undefined> {
  const ended = await endOperation(tx, operation.platformId, operation.id, states, description, now)
  if (ended !== undefined) await recordOrder(tx, operation, 'failed', now, 'halted')
  return ended
}
