import { isTransaction, type DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { assertBelongs } from '../instances/assert-belongs.ts'
import {
  findWithOperations,
  type VersionedInstance,
} from '../instances/instance-with-operations.ts'
import { acceptance, newOperation } from '../instances/new-operation.ts'
import type { OrderDeps, OrderResult, OrderSource } from '../instances/order.ts'
import {
  answerOrder,
  needsTransaction,
  submitOrder,
  type IntentResult,
} from '../instances/submit-order.ts'
import { haltOperations, replayDelete, type DeleteKinds } from '../instances/take-over.ts'
import type { OrderTurn } from '../instances/take-turn.ts'
import { insertOperation } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import { joinBinding, joinedBinding } from './deletion/store.ts'
import type { BindingOfInstance } from './load.ts'
import type { VersionedBinding } from './store.ts'

export interface UnbindOrder extends OrderSource {
  readonly instanceId: string
  readonly bindingId: string
  readonly serviceId: string
  readonly planId: string
}

const kinds: DeleteKinds = { create: 'bind', delete: 'unbind', noun: 'binding' }
const maxSubmissions = 5

/**
 * Deletes a binding, even while it is being made.
 * @throws BrokerError `gone`, `invalid_request`, `concurrency`, `async_required`, or what the
 * provider answered
 */
export async function unbind(deps: OrderDeps, order: UnbindOrder): Promise<OrderResult> {
  for (let count = 0; count < maxSubmissions; count++) {
    const found = await findBoth(deps, order)
    if (found === undefined) throw gone()
    assertBelongs(found.instance, order)
    const repeated = replayDelete(order, kinds, found.hindering)
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
    'Other operations on this binding come and go. Send the request again.',
  )
}

interface BindingInProgress {
  readonly instance: VersionedInstance
  readonly binding: VersionedBinding
  /** The unfinished operations of the binding. */
  readonly running: readonly Operation[]
  /** Those of the binding and of its instance that keep a delete from being made. */
  readonly hindering: readonly Operation[]
}

/** @returns undefined when there is no such binding of that instance */
async function findBoth(
  deps: OrderDeps,
  { platformId, instanceId, bindingId }: UnbindOrder,
): Promise<BindingInProgress | undefined> {
  const joined = joinBinding(platformId, bindingId)
  const found = await findWithOperations(deps.db, platformId, instanceId, joined)
  if (found === undefined) return undefined
  const binding = joinedBinding(found.row)
  if (binding?.instanceKey !== found.instance.key) return undefined
  const running = found.running.filter(({ bindingKey }) => bindingKey === binding.key)
  return {
    instance: found.instance,
    binding,
    running,
    // No step of a parked operation of the binding comes any more, so a new delete may try.
    hindering: found.running.filter(({ bindingKey, state }) =>
      bindingKey === binding.key ? state !== 'parked' : bindingKey === null,
    ),
  }
}

/** @returns undefined when the operations of the binding are no longer those that were read */
async function writeIntent(
  db: DbOrTx,
  deps: OrderDeps,
  order: UnbindOrder,
  { instance, binding, running }: BindingInProgress,
  turn: OrderTurn,
): Promise<IntentResult> {
  const plan = deps.catalog.current().plans.get(instance.planId)
  const { key: bindingKey, bindingId } = binding
  const fresh = newOperation(deps, order, instance, plan, turn, 'unbind')
  let operation: Operation = { ...fresh, bindingKey, bindingId }
  if (running.length > 0) {
    if (!isTransaction(db)) return needsTransaction
    const halted = await haltOperations(db, running, 'Halted by an unbind request.', turn.now)
    if (halted === undefined) return undefined
    operation = { ...operation, ...halted }
  }
  const isWritten = await insertOperation(db, operation, {
    decidedOn: { instance, binding },
    parts: acceptance(db, operation),
  })
  const written: BindingOfInstance = { instance, binding }
  return isWritten ? { operation, written } : undefined
}

function gone(): BrokerError {
  return new BrokerError('gone', 'There is no such binding.')
}
