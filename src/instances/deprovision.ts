import { isTransaction, type DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { insertOperation } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import { assertBelongs } from './assert-belongs.ts'
import { findWithOperations, type InstanceWithOperations } from './instance-with-operations.ts'
import { acceptance, newOperation } from './new-operation.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import { answerOrder, needsTransaction, submitOrder, type IntentResult } from './submit-order.ts'
import { haltOperations, replayDelete, type DeleteKinds } from './take-over.ts'
import type { OrderTurn } from './take-turn.ts'

export interface DeprovisionOrder extends OrderSource {
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
}

const kinds: DeleteKinds = { create: 'provision', delete: 'deprovision', noun: 'instance' }
const maxSubmissions = 5

/**
 * Deletes an instance and the bindings that it still has, even while the instance is being made.
 * @throws BrokerError `gone`, `invalid_request`, `concurrency`, `async_required`, or what the
 * provider answered
 */
export async function deprovision(deps: OrderDeps, order: DeprovisionOrder): Promise<OrderResult> {
  for (let count = 0; count < maxSubmissions; count++) {
    const found = await findWithOperations(deps.db, order.platformId, order.instanceId)
    // One whose delete ended between the two queries is read once more, as `gone`.
    if (found === undefined || found.instance.state === 'gone') throw gone()
    assertBelongs(found.instance, order)
    // No step of a parked operation comes any more, so a new delete may try.
    const hindering = found.running.filter(({ state }) => state !== 'parked')
    const repeated = replayDelete(order, kinds, hindering)
    if (repeated !== undefined) return repeated
    const submission = await submitOrder(deps, order, {
      providerId: found.instance.providerId,
      subject: found,
      write: writeIntent,
    })
    if (submission.kind === 'submitted') return answerOrder(submission)
    if (submission.kind === 'refused') throw submission.error
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this instance come and go. Send the request again.',
  )
}

/** @returns undefined when the operations of the instance are no longer those that were read */
async function writeIntent(
  db: DbOrTx,
  deps: OrderDeps,
  order: DeprovisionOrder,
  { instance, running }: InstanceWithOperations,
  turn: OrderTurn,
): Promise<IntentResult> {
  const plan = deps.catalog.current().plans.get(instance.planId)
  const fresh = newOperation(deps, order, instance, plan, turn, 'deprovision')
  let operation: Operation = fresh
  if (running.length > 0) {
    if (!isTransaction(db)) return needsTransaction
    const reason = 'Halted by a deprovision request.'
    const halted = await haltOperations(db, running, reason, turn.now)
    if (halted === undefined) return undefined
    operation = { ...fresh, ...halted }
  }
  const isWritten = await insertOperation(db, operation, {
    decidedOn: { instance },
    parts: acceptance(db, operation),
  })
  return isWritten ? { operation, written: instance } : undefined
}

function gone(): BrokerError {
  return new BrokerError('gone', 'There is no such instance.')
}
