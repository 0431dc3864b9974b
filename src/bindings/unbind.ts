import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { assertBelongs } from '../instances/assert-belongs.ts'
import type { Instance } from '../instances/instance.ts'
import { lookUpInstance } from '../instances/look-up.ts'
import {
  deadlineFor,
  type OrderDeps,
  type OrderSource,
  type OrderResult,
} from '../instances/order.ts'
import { answerOf, submitOrder } from '../instances/submit-order.ts'
import { haltOperation, latestInDoubtUntil, listRunning, type Halted } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import type { Binding } from './binding.ts'
import { findBinding, findBindingByKey } from './store.ts'

export interface UnbindOrder extends OrderSource {
  readonly instanceId: string
  readonly bindingId: string
  readonly serviceId: string
  readonly planId: string
}

const halted = ['accepted', 'waiting', 'uncertain', 'compensating', 'parked'] as const
const maxLooks = 5

/**
 * Deletes a binding. A delete may come while the binding is being made.
 * @throws BrokerError `gone`, `invalid_request`, `concurrency`, `async_required`, or what the provider answered
 */
export async function unbind(deps: OrderDeps, order: UnbindOrder): Promise<OrderResult> {
  for (let look = 0; look < maxLooks; look++) {
    const submitted = await tryOnce(deps, order)
    if (submitted !== undefined) return submitted
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this binding come and go. Send the request again.',
  )
}

/** @returns undefined when what was under way has ended or gone on since we looked: then it is looked at anew */
async function tryOnce(deps: OrderDeps, order: UnbindOrder): Promise<OrderResult | undefined> {
  const { instance, binding } = await findBoth(deps, order)
  assertBelongs(instance, order)
  const running = await listRunning(deps.db, order.platformId, instance.key)
  const busy = judgeBusy(order, binding, running)
  if (busy !== undefined) return busy
  const toHalt = running.filter((operation) => operation.bindingKey === binding.key)
  const plan = deps.catalog.current().plans.get(instance.planId)

  const submitted = await submitOrder(deps, instance.providerId, order, async (tx, insert, now) => {
    const ended: Halted[] = []
    for (const operation of toHalt) {
      const one = await haltOperation(tx, operation, halted, 'Halted by an unbind request.', now)
      if (one === undefined) return undefined
      ended.push(one)
    }
    const operation = await insert({
      id: newId(now),
      platformId: order.platformId,
      providerId: instance.providerId,
      instanceKey: instance.key,
      bindingKey: binding.key,
      instanceId: order.instanceId,
      bindingId: order.bindingId,
      kind: 'unbind',
      acceptsIncomplete: order.acceptsIncomplete,
      deadlineAt: deadlineFor(deps, plan, now),
      inDoubtUntil: latestInDoubtUntil(ended),
      originatingIdentity: order.originatingIdentity,
      requestIdentity: order.requestIdentity,
    })
    // A delete that ended since we looked has done it; ours is not to be written then.
    const present =
      operation === undefined
        ? undefined
        : await findBindingByKey(tx, order.platformId, binding.key)
    if (present?.state === 'gone') throw new BrokerError('gone', 'There is no such binding.')
    return operation
  })
  if (submitted === undefined) return undefined
  const answer = answerOf(submitted.operation, submitted.stepResult)
  return answer === undefined
    ? { kind: 'accepted', operationId: submitted.operation.id }
    : { kind: 'done' }
}

// A binding of another instance, or of an instance that is not there, is gone for this request.
async function findBoth(
  deps: OrderDeps,
  order: UnbindOrder,
): Promise<{ instance: Instance; binding: Binding }> {
  const gone = () => new BrokerError('gone', 'There is no such binding.')
  const instance = await lookUpInstance(deps.db, order.platformId, order.instanceId).catch(
    (error: unknown) => {
      throw error instanceof BrokerError && error.code === 'not_found' ? gone() : error
    },
  )
  const binding = await findBinding(deps.db, order.platformId, order.bindingId)
  if (binding === undefined || binding.instanceKey !== instance.key) throw gone()
  return { instance, binding }
}

function judgeBusy(
  order: UnbindOrder,
  binding: Binding,
  running: readonly Operation[],
): OrderResult | undefined {
  for (const operation of running) {
    // Bindings do not hinder each other; the instance's own operations hinder all.
    if (operation.bindingKey !== null && operation.bindingKey !== binding.key) continue
    // Nobody works on it any more, so that a new delete may try.
    if (operation.bindingKey !== null && operation.state === 'parked') continue
    if (operation.kind === 'unbind') {
      if (!order.acceptsIncomplete)
        throw new BrokerError(
          'async_required',
          'The binding is being deleted; only an asynchronous request can wait for it.',
        )
      return { kind: 'accepted', operationId: operation.id }
    }
    if (
      operation.kind === 'bind' &&
      operation.state === 'compensating' &&
      !order.acceptsIncomplete
    ) {
      throw new BrokerError(
        'async_required',
        'The order failed, and what it left at the provider is being removed; only an asynchronous request can wait for it.',
      )
    }
    const mayTakeOver =
      operation.kind === 'bind' &&
      order.acceptsIncomplete &&
      halted.some((state) => state === operation.state)
    if (!mayTakeOver)
      throw new BrokerError('concurrency', `Another operation (${operation.kind}) is under way.`)
  }
  return undefined
}
