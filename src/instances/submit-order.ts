// The last part of every order, once it has its turn: the intent in one transaction, the first
// call, the answer.
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { recordOrder } from '../operations/begin.ts'
import { failureError } from '../operations/failure-error.ts'
import type { NewOperation, Operation } from '../operations/operation.ts'
import type { StepResult } from '../operations/step-result.ts'
import type { Instance } from './instance.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import type { Lost, OrderTurn, TurnRefused } from './take-turn.ts'

/** What became of an order when it was submitted. */
export type Submission = Submitted | TurnRefused | Lost

export interface Submitted {
  readonly kind: 'submitted'
  readonly operation: Operation
  /**
   * Undefined: the order is queued, its first call takes longer than the platform waits, or this
   * process lost the claim or stops.
   */
  readonly stepResult: StepResult | undefined
}

/** An operation whose order is committed. */
export interface Intent {
  readonly operation: Operation
  /** For the handler, which then need not read it again. */
  readonly written?: unknown
}

/**
 * Waits for the commit of an intent, and makes its first call if its turn holds a slot.
 * @param writing  the running transaction; it resolves to undefined when another order was faster
 */
export async function commitAndCall(
  deps: OrderDeps,
  { release, receivedAtMs, inlineUntilMs }: OrderTurn,
  writing: Promise<Intent | undefined>,
): Promise<Submission> {
  let intent: Intent | undefined
  try {
    intent = await writing
  } finally {
    // With an operation the engine holds the slot, perhaps for longer than the platform waits.
    if (intent === undefined) release?.()
  }
  if (intent === undefined) return { kind: 'lost' }
  const { operation, written } = intent
  const stepResult =
    release &&
    (await deps.engine.runFirst(operation, { inlineUntilMs, release, receivedAtMs, written }))
  return { kind: 'submitted', operation, stepResult }
}

/** What the operations of all orders have in common. */
export function newOperation(
  deps: OrderDeps,
  order: OrderSource,
  { key, instanceId, providerId }: Pick<Instance, 'key' | 'instanceId' | 'providerId'>,
  plan: CatalogPlan | undefined,
  now: Date,
): Omit<NewOperation, 'kind'> {
  const planMs =
    plan?.maximumPollingSeconds === undefined ? Infinity : plan.maximumPollingSeconds * 1_000
  return {
    id: newId(now),
    platformId: order.platformId,
    providerId,
    instanceKey: key,
    instanceId,
    acceptsIncomplete: order.acceptsIncomplete,
    deadlineAt: new Date(now.getTime() + Math.min(planMs, deps.orderTimes.maxPollingMs)),
    originatingIdentity: order.originatingIdentity,
    requestIdentity: order.requestIdentity,
  }
}

/**
 * Ends the transaction of every order: records that it was accepted.
 * @throws BrokerError `unavailable` when the client has gone: it may already have sent its DELETE,
 * which found nothing, so what it ordered would leak
 */
export async function acceptOrder(
  tx: Tx,
  { isAbandoned }: Pick<OrderSource, 'isAbandoned'>,
  operation: Operation,
  now: Date,
): Promise<Intent> {
  // A synchronous order is recorded once, when it has ended; that event says when it was ordered,
  // too.
  if (operation.acceptsIncomplete) await recordOrder(tx, operation, 'accepted', now)
  if (isAbandoned())
    throw new BrokerError('unavailable', 'The caller went away before the order was taken.')
  return { operation }
}

/**
 * What the first answer is to the platform.
 * @throws BrokerError when the order failed, or when it goes on but the platform cannot wait
 */
export function answerOrder<Result>({ operation, stepResult }: Submitted): OrderResult<Result> {
  const { id: operationId, acceptsIncomplete } = operation
  switch (stepResult?.state) {
    case undefined:
      if (acceptsIncomplete) return { kind: 'accepted', operationId }
      throw new BrokerError(
        'unavailable',
        'The order was interrupted; what came of it is being found out. Try again in a moment.',
        { retryAfterSeconds: 5 },
      )
    case 'succeeded':
      // The verb names the result of its own kind of operation; the engine only hands it on.
      return { kind: 'done', result: stepResult.result as Result | undefined }
    case 'waiting':
      return { kind: 'accepted', operationId, result: stepResult.result as Result | undefined }
    case 'failed':
    case 'parked':
      throw failureError(stepResult.failure, acceptsIncomplete)
    case 'accepted':
    case 'uncertain':
    case 'compensating':
      if (acceptsIncomplete) return { kind: 'accepted', operationId }
      throw failureError(
        stepResult.failure ?? {
          reason: 'provider_failed',
          description: stepResult.description ?? 'The provider did not answer.',
        },
        false,
      )
    default:
      return stepResult satisfies never
  }
}
