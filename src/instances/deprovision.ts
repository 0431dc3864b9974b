import { BrokerError } from '../errors.ts'
import { insertOperation } from '../operations/begin.ts'
import type { NewOperation } from '../operations/operation.ts'
import { assertBelongs } from './assert-belongs.ts'
import { findWithOperations, type InstanceWithOperations } from './look-up.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import { findInstanceByKey } from './store.ts'
import {
  acceptOrder,
  answerOrder,
  commitAndCall,
  newOperation,
  type Intent,
  type Submission,
} from './submit-order.ts'
import { haltOperations, replayDelete, writeAllOrNothing, type DeleteKinds } from './take-over.ts'
import { takeTurn, type OrderTurn } from './take-turn.ts'

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
    const submission = await submit(deps, order, found)
    if (submission.kind === 'submitted') return answerOrder(submission)
    if (submission.kind === 'refused') throw submission.error
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this instance come and go. Send the request again.',
  )
}

async function submit(
  deps: OrderDeps,
  order: DeprovisionOrder,
  found: InstanceWithOperations,
): Promise<Submission> {
  const turn = await takeTurn(deps, found.instance.providerId, order)
  if (turn.kind !== 'turn') return turn
  return commitAndCall(deps, turn, writeIntent(deps, order, found, turn))
}

/** @returns undefined when the operations of the instance are no longer those that were read */
async function writeIntent(
  deps: OrderDeps,
  order: DeprovisionOrder,
  { instance, running }: InstanceWithOperations,
  { claim, now }: OrderTurn,
): Promise<Intent | undefined> {
  const plan = deps.catalog.current().plans.get(instance.planId)
  const fresh = newOperation(deps, order, instance, plan, now)
  return writeAllOrNothing(deps.db, async (tx) => {
    const halted = await haltOperations(tx, running, 'Halted by a deprovision request.', now)
    if (halted === undefined) return undefined
    const intent: NewOperation = { ...fresh, ...halted, kind: 'deprovision' }
    const operation = await insertOperation(tx, intent, claim, now)
    if (operation === undefined) return undefined
    // A delete that ended since the instance was read has removed it, so this one must not be
    // written.
    const present = await findInstanceByKey(tx, order.platformId, instance.key)
    if (present?.state === 'gone') throw gone()
    return acceptOrder(tx, order, operation, now)
  })
}

function gone(): BrokerError {
  return new BrokerError('gone', 'There is no such instance.')
}
