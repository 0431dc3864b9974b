// A delete may come while what it deletes is still being made: it ends that operation and takes
// over from it.
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { haltOperation, type Halted } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import type { OrderResult, OrderSource } from './order.ts'

// Kontor is not in the middle of a call in these states, whether or not the provider has received
// one. In `compensating` it removes already what the delete would (DEC-52).
const takeOverStates = ['accepted', 'waiting', 'uncertain', 'parked'] as const

/** The kinds of operation that make and delete what a delete is for. */
export interface DeleteKinds {
  readonly create: 'provision' | 'bind'
  readonly delete: 'deprovision' | 'unbind'
  readonly noun: 'instance' | 'binding'
}

/**
 * Answers a delete that is in progress already.
 * @param running  the operations that may hinder a delete
 * @returns undefined when the delete may take over from all of them
 * @throws BrokerError `concurrency` or `async_required` when it may not
 */
export function replayDelete(
  { acceptsIncomplete }: Pick<OrderSource, 'acceptsIncomplete'>,
  kinds: DeleteKinds,
  running: readonly Operation[],
): OrderResult | undefined {
  for (const { id, kind, state } of running) {
    if (kind === kinds.delete && acceptsIncomplete) return { kind: 'in_progress', operationId: id }
    if (kind === kinds.delete)
      throw new BrokerError(
        'async_required',
        `The ${kinds.noun} is being deleted; only an asynchronous request can wait for it.`,
      )
    if (kind === kinds.create && state === 'compensating')
      throw new BrokerError(
        'concurrency',
        'The order failed, and what it left at the provider is being removed. ' +
          'Send the request again when that is over.',
      )
    const mayTakeOver =
      kind === kinds.create && acceptsIncomplete && takeOverStates.some((each) => each === state)
    if (!mayTakeOver)
      throw new BrokerError(
        'concurrency',
        `Another operation (${kind}) on this instance is under way.`,
      )
  }
  return undefined
}

/**
 * Ends the operations that a delete takes over from.
 * @returns until when, at the latest, a call of theirs may still arrive; undefined when one of them
 * has moved on
 */
export async function haltOperations(
  tx: Tx,
  running: readonly Operation[],
  reason: string,
  now: Date,
): Promise<Halted | undefined> {
  let inDoubtUntil: Date | null = null
  for (const operation of running) {
    const ended = await haltOperation(tx, operation, takeOverStates, reason, now)
    if (ended === undefined) return undefined
    if (ended.inDoubtUntil !== null && ended.inDoubtUntil > (inDoubtUntil ?? 0))
      inDoubtUntil = ended.inDoubtUntil
  }
  return { inDoubtUntil }
}
