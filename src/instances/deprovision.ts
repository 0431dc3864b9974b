import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { haltOperation, latestInDoubtUntil, listRunning, type Halted } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import { assertBelongs } from './assert-belongs.ts'
import type { Instance } from './instance.ts'
import { deadlineFor, type OrderDeps, type OrderSource, type OrderResult } from './order.ts'
import { answerOf, submitOrder } from './submit-order.ts'
import { findInstance, findInstanceByKey } from './store.ts'

export interface DeprovisionOrder extends OrderSource {
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
}

// We are not in the middle of the call, whether the provider has it already or not: a delete may take over.
const halted = ['accepted', 'waiting', 'uncertain', 'compensating', 'parked'] as const
const maxLooks = 5

/**
 * Deletes an instance, with the bindings it still has. A delete may come while the instance is being made.
 * @throws BrokerError `gone`, `invalid_request`, `concurrency`, `async_required`, or what the provider answered
 */
export async function deprovision(deps: OrderDeps, order: DeprovisionOrder): Promise<OrderResult> {
  for (let look = 0; look < maxLooks; look++) {
    const submitted = await tryOnce(deps, order)
    if (submitted !== undefined) return submitted
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this instance come and go. Send the request again.',
  )
}

/** @returns undefined when what was under way has ended or gone on since we looked: then it is looked at anew */
async function tryOnce(deps: OrderDeps, order: DeprovisionOrder): Promise<OrderResult | undefined> {
  const instance = await findInstance(deps.db, order.platformId, order.instanceId)
  if (instance === undefined) throw new BrokerError('gone', 'There is no such instance.')
  assertBelongs(instance, order)
  const running = await listRunning(deps.db, order.platformId, instance.key)
  const busy = judgeBusy(order, running)
  if (busy !== undefined) return busy

  const submitted = await submitOrder(deps, instance.providerId, order, async (tx, insert, now) => {
    const ended: Halted[] = []
    for (const operation of running) {
      const one = await haltOperation(
        tx,
        operation,
        halted,
        'Halted by a deprovision request.',
        now,
      )
      if (one === undefined) return undefined
      ended.push(one)
    }
    const operation = await insert({
      id: newId(now),
      platformId: order.platformId,
      providerId: instance.providerId,
      instanceKey: instance.key,
      instanceId: order.instanceId,
      kind: 'deprovision',
      acceptsIncomplete: order.acceptsIncomplete,
      deadlineAt: deadlineFor(deps, planOf(deps, instance), now),
      inDoubtUntil: latestInDoubtUntil(ended),
      originatingIdentity: order.originatingIdentity,
      requestIdentity: order.requestIdentity,
    })
    // A delete that ended since we looked has done it; ours is not to be written then.
    const present =
      operation === undefined
        ? undefined
        : await findInstanceByKey(tx, order.platformId, instance.key)
    if (present?.state === 'gone') throw new BrokerError('gone', 'There is no such instance.')
    return operation
  })
  if (submitted === undefined) return undefined
  const answer = answerOf(submitted.operation, submitted.stepResult)
  return answer === undefined
    ? { kind: 'accepted', operationId: submitted.operation.id }
    : { kind: 'done' }
}

function planOf(deps: OrderDeps, instance: Instance) {
  return deps.catalog.current().plans.get(instance.planId)
}

function judgeBusy(
  order: DeprovisionOrder,
  running: readonly Operation[],
): OrderResult | undefined {
  for (const operation of running) {
    // Nobody works on it any more, so that a new delete may try.
    if (operation.state === 'parked') continue
    if (operation.kind === 'deprovision') {
      if (!order.acceptsIncomplete)
        throw new BrokerError(
          'async_required',
          'The instance is being deleted; only an asynchronous request can wait for it.',
        )
      return { kind: 'accepted', operationId: operation.id }
    }
    if (
      operation.kind === 'provision' &&
      operation.state === 'compensating' &&
      !order.acceptsIncomplete
    ) {
      throw new BrokerError(
        'async_required',
        'The order failed, and what it left at the provider is being removed; only an asynchronous request can wait for it.',
      )
    }
    const mayTakeOver =
      operation.kind === 'provision' &&
      order.acceptsIncomplete &&
      halted.some((state) => state === operation.state)
    if (!mayTakeOver)
      throw new BrokerError(
        'concurrency',
        `Another operation (${operation.kind}) on this instance is under way.`,
      )
  }
  return undefined
}
