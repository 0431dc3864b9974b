// The last part of every order: its turn, the intent in one transaction, the first call, and the
// answer.
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { recordOrder } from '../operations/for-orders.ts'
import { failureError } from '../operations/failure-error.ts'
import type { Operation } from '../operations/operation.ts'
import type { OperationKind } from '../operations/states.ts'
import type { StepResult } from '../operations/step-result.ts'
import type { Instance } from './instance.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import {
  takeTurn,
  type NotWritten,
  type OrderTurn,
  type TurnAt,
  type TurnRefused,
} from './take-turn.ts'

/** What became of an order when it was submitted. */
export type Submission = Submitted | TurnRefused | NotWritten

export interface Submitted {
  readonly kind: 'submitted'
  readonly operation: Operation
  /**
   * Undefined: the order is queued, its first call takes longer than the platform waits, or this
   * process lost the claim or stops.
   */
  readonly stepResult: StepResult | undefined
}

/** What an order has written. */
export interface Intent {
  readonly operation: Operation
  /** For the handler, which then need not read it again. */
  readonly written: unknown
}

/** How an order of one kind is submitted. */
export interface Submittable<Order, Subject> extends TurnAt {
  /** What was read and decided before. */
  readonly subject: Subject
  /**
   * Writes the order.
   * @returns undefined, and the transaction is rolled back, when another order was faster
   */
  write(
    tx: Tx,
    deps: OrderDeps,
    order: Order,
    subject: Subject,
    turn: OrderTurn,
  ): Promise<Intent | undefined>
  /** Whether the order can be answered from its row; asked only before a wait. */
  isRepeated?(): Promise<boolean>
}

// Kysely rolls a transaction back only if its callback throws.
class RollBack extends Error {}

/**
 * Takes the order's turn, writes its intent in one transaction, and makes its first call if the
 * turn holds a slot.
 * @throws BrokerError `unavailable` when the client has gone: it may already have sent its DELETE,
 * which found nothing, so what it ordered would leak
 */
export async function submitOrder<Order extends OrderSource, Subject>(
  deps: OrderDeps,
  order: Order,
  { subject, write, isRepeated, ...at }: Submittable<Order, Subject>,
): Promise<Submission> {
  const turn = await takeTurn(deps, at, order, isRepeated)
  if (turn.kind !== 'turn') return turn
  const { now, releaseSlot, receivedAtMs, inlineUntilMs } = turn
  let intent: Intent
  try {
    intent = await deps.db.transaction().execute(async (tx) => {
      const written = await write(tx, deps, order, subject, turn)
      if (written === undefined) throw new RollBack()
      // A synchronous order is recorded once, when it has ended; that event says when it was
      // ordered, too.
      if (order.acceptsIncomplete) await recordOrder(tx, written.operation, 'accepted', now)
      if (order.isAbandoned())
        throw new BrokerError('unavailable', 'The caller went away before the order was taken.')
      return written
    })
  } catch (error) {
    releaseSlot?.()
    if (error instanceof RollBack) return { kind: 'not_written' }
    throw error
  }
  // The engine holds the slot, perhaps for longer than the platform waits.
  const { operation, written } = intent
  const stepResult =
    releaseSlot &&
    (await deps.engine.runFirst(operation, { inlineUntilMs, releaseSlot, receivedAtMs, written }))
  return { kind: 'submitted', operation, stepResult }
}

/** The operation of an order on an instance. */
export function newOperation(
  deps: OrderDeps,
  order: OrderSource,
  { key, instanceId, providerId, organisationId }: Instance,
  plan: CatalogPlan | undefined,
  { claim, now }: OrderTurn,
  kind: OperationKind,
): Operation {
  const planMs =
    plan?.maximumPollingSeconds === undefined ? Infinity : plan.maximumPollingSeconds * 1_000
  return {
    id: newId(now),
    platformId: order.platformId,
    providerId,
    organisationId,
    instanceKey: key,
    bindingKey: null,
    instanceId,
    bindingId: null,
    kind,
    ...claim,
    fencingToken: 1,
    retries: 0,
    internalErrors: 0,
    deadlineAt: new Date(now.getTime() + Math.min(planMs, deps.orderTimes.maxPollingMs)),
    inDoubtUntil: null,
    acceptsIncomplete: order.acceptsIncomplete,
    change: null,
    requestDigest: null,
    upstreamOperation: null,
    originatingIdentity: order.originatingIdentity ?? null,
    requestIdentity: order.requestIdentity ?? null,
    description: null,
    instanceUsable: null,
    sentAt: null,
    createdAt: now,
  }
}

/**
 * What the first answer is to the platform.
 * @throws BrokerError when the order failed, or when it goes on but the platform cannot wait
 */
export function answerOrder<Result>({ operation, stepResult }: Submitted): OrderResult<Result> {
  const { id: operationId, acceptsIncomplete } = operation
  switch (stepResult?.state) {
    case undefined:
      if (acceptsIncomplete) return { kind: 'in_progress', operationId }
      throw new BrokerError(
        'unavailable',
        'The order was interrupted; what came of it is being found out. Try again in a moment.',
        { retryAfterSeconds: 5 },
      )
    case 'succeeded':
      // The verb names the result of its own kind of operation; the engine only hands it on.
      return { kind: 'done', result: stepResult.result as Result | undefined }
    case 'waiting':
      return { kind: 'in_progress', operationId, result: stepResult.result as Result | undefined }
    case 'failed':
    case 'parked':
      throw failureError(stepResult.failure, acceptsIncomplete)
    case 'accepted':
    case 'uncertain':
    case 'compensating':
      if (acceptsIncomplete) return { kind: 'in_progress', operationId }
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
