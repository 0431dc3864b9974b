import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { haltOperation, latestQuiet, listRunning } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import { assertBelongs } from './assert-belongs.ts'
import type { Instance } from './instance.ts'
import { deadlineFor, type OrderDeps, type OrderSource, type Placed } from './order.ts'
import { answerOf, placeOrder } from './place.ts'
import { findInstance } from './store.ts'

export interface DeprovisionOrder extends OrderSource {
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
}

// We are not in the middle of the call, whether the provider has it already or not: a delete may take over.
const halted = ['accepted', 'waiting', 'uncertain', 'compensating', 'parked'] as const

/**
 * Deletes an instance, with the bindings it still has. A delete may come while the instance is being made.
 * @throws BrokerError `gone`, `invalid_request`, `concurrency`, `async_required`, or what the provider answered
 */
export async function deprovision (deps: OrderDeps, order: DeprovisionOrder): Promise<Placed> {
  const instance = await findInstance(deps.db, order.platformId, order.instanceId)
  if (instance === undefined) throw new BrokerError('gone', 'There is no such instance.')
  assertBelongs(instance, order)
  const running = await listRunning(deps.db, order.platformId, instance.key)
  const busy = judgeBusy(order, running)
  if (busy !== undefined) return busy

  const placed = await placeOrder(deps, instance.providerId, order.acceptsIncomplete, async (tx, insert, now) => {
    for (const { id } of running) {
      if (!await haltOperation(tx, order.platformId, id, halted, 'Halted by a deprovision request.', now)) return undefined
    }
    return insert({
      id: newId(now),
      platformId: order.platformId,
      providerId: instance.providerId,
      instanceKey: instance.key,
      instanceId: order.instanceId,
      kind: 'deprovision',
      acceptsIncomplete: order.acceptsIncomplete,
      deadlineAt: deadlineFor(deps, planOf(deps, instance), now),
      quietUntil: latestQuiet(running),
      originatingIdentity: order.originatingIdentity,
      requestIdentity: order.requestIdentity
    })
  })
  if (placed === undefined) {
    const again = judgeBusy(order, await listRunning(deps.db, order.platformId, instance.key))
    if (again !== undefined) return again
    throw new BrokerError('concurrency', 'Another operation on this instance has just ended. Send the request again.')
  }
  const answer = answerOf(placed.operation, placed.verdict)
  return answer === undefined ? { kind: 'accepted', operationId: placed.operation.id } : { kind: 'done' }
}

function planOf (deps: OrderDeps, instance: Instance) {
  return deps.catalog.current().plans.get(instance.planId)
}

function judgeBusy (order: DeprovisionOrder, running: readonly Operation[]): Placed | undefined {
  for (const operation of running) {
    // Nobody works on it any more, so that a new delete may try.
    if (operation.state === 'parked') continue
    if (operation.kind === 'deprovision') {
      if (!order.acceptsIncomplete) throw new BrokerError('async_required', 'The instance is being deleted; only an asynchronous request can wait for it.')
      return { kind: 'accepted', operationId: operation.id }
    }
    if (operation.kind === 'provision' && operation.state === 'compensating' && !order.acceptsIncomplete) {
      throw new BrokerError('async_required', 'The order failed, and what it left at the provider is being removed; only an asynchronous request can wait for it.')
    }
    const mayTakeOver = operation.kind === 'provision' && order.acceptsIncomplete && halted.some((state) => state === operation.state)
    if (!mayTakeOver) throw new BrokerError('concurrency', `Another operation (${operation.kind}) on this instance is under way.`)
  }
  return undefined
}
