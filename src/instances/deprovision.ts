import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { insertOperation } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import { assertBelongs } from './assert-belongs.ts'
import {
  findInstanceByKey,
  findWithOperations,
  type InstanceWithOperations,
} from './instance-with-operations.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import { answerOrder, newOperation, submitOrder, type Intent } from './submit-order.ts'
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
    if (found === undefined) throw gone()
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
  tx: Tx,
  deps: OrderDeps,
  order: DeprovisionOrder,
  { instance: seen, running }: InstanceWithOperations,
  turn: OrderTurn,
): Promise<Intent | undefined> {
  const plan = deps.catalog.current().plans.get(seen.planId)
  const fresh = newOperation(deps, order, seen, plan, turn, 'deprovision')
  const reason = 'Halted by a deprovision request.'
  const halted = await haltOperations(tx, running, reason, turn.now)
  const operation: Operation = { ...fresh, ...halted }
  if (halted === undefined || !(await insertOperation(tx, operation))) return undefined
  const instance = await findInstanceByKey(tx, order.platformId, seen.key)
  // A delete that ended since the instance was read has removed it, so this one must not be
  // written.
  if (instance === undefined || instance.state === 'gone') throw gone()
  return { operation, written: instance }
}

function gone(): BrokerError {
  return new BrokerError('gone', 'There is no such instance.')
}
