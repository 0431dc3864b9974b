// The last part of every order: a slot at the provider, the intent in one transaction, the first
// call, the answer.
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { recordOrder, type Claim } from '../operations/begin.ts'
import { failureError } from '../operations/failure-error.ts'
import type { NewOperation, Operation } from '../operations/operation.ts'
import type { StepResult } from '../operations/step-result.ts'
import type { Slot } from '../providers/bulkhead.ts'
import type { Instance } from './instance.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'

/** What became of an order when it was submitted. */
export type Submission =
  | Submitted
  /** No free slot, and the platform cannot wait; or the provider's back end cannot be opened. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** Another order was faster, so nothing was written. */
  | { readonly kind: 'lost' }

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
 * When an order is called: at once by this process, which then holds a slot, or later by a worker.
 */
export interface OrderTurn {
  readonly kind: 'turn'
  /** Written with the operation; `accepted` leaves it to a worker. */
  readonly claim: Claim
  readonly now: Date
  /** How long the order has waited for its slot. */
  readonly waitedMs: number
  readonly release: (() => void) | undefined
}

// With the 55 s that a synchronous order may take at most, this is counted.
const maxSlotWaitMs = 10_000

/**
 * Takes one of the provider's slots. While all are taken, a synchronous order waits for one; an
 * asynchronous one is queued, unless its platform holds less than its share: then it first waits
 * too, because the queue may be full of another platform's orders.
 */
export async function takeTurn(
  deps: OrderDeps,
  providerId: string,
  { acceptsIncomplete, platformId }: Pick<OrderSource, 'acceptsIncomplete' | 'platformId'>,
): Promise<OrderTurn | Extract<Submission, { kind: 'refused' }>> {
  const open = await deps.backends.open(providerId).catch(asError)
  if (open instanceof Error) return { kind: 'refused', error: open }
  const use = acceptsIncomplete ? 'order' : 'order_at_once'
  const arrivedAt = deps.now()
  let slot = open.guard.acquireSlot(use, platformId)
  let now = arrivedAt
  if (
    !slot.granted &&
    slot.reason === 'busy' &&
    (!acceptsIncomplete || open.guard.isUnderShare(platformId))
  ) {
    const waitMs = acceptsIncomplete ? deps.orderTimes.inlineMs : maxSlotWaitMs
    slot = await open.guard.waitForSlot(use, platformId, waitMs)
    now = deps.now()
  }
  if (slot.granted) {
    const leaseUntil = new Date(now.getTime() + deps.orderTimes.leaseMs)
    const claim: Claim = { state: 'calling', leaseUntil, nextStepAt: null }
    const waitedMs = now.getTime() - arrivedAt.getTime()
    return { kind: 'turn', claim, now, waitedMs, release: slot.release }
  }
  if (!acceptsIncomplete) return { kind: 'refused', error: slotError(open.label, slot) }
  const claim: Claim = { state: 'accepted', leaseUntil: null, nextStepAt: now }
  return { kind: 'turn', claim, now, waitedMs: 0, release: undefined }
}

/**
 * Waits for the commit of an intent, and makes its first call if its turn holds a slot.
 * @param writing  the running transaction; it resolves to undefined when another order was faster
 */
export async function commitAndCall(
  deps: OrderDeps,
  { release, waitedMs }: OrderTurn,
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
  const { inlineMs } = deps.orderTimes
  const stepResult =
    release && (await deps.engine.runFirst(operation, { inlineMs, release, waitedMs, written }))
  return { kind: 'submitted', operation, stepResult }
}

/**
 * @returns the refusal of an order that cannot wait while the provider's circuit is open, or why
 * its back end cannot be opened; else undefined
 */
export async function validateCircuit(
  deps: OrderDeps,
  providerId: string,
  { acceptsIncomplete }: Pick<OrderSource, 'acceptsIncomplete'>,
): Promise<Error | undefined> {
  const open = await deps.backends.open(providerId).catch(asError)
  if (open instanceof Error) return open
  const retryAfterMs = open.circuit.waitMs()
  return retryAfterMs === undefined || acceptsIncomplete
    ? undefined
    : slotError(open.label, { granted: false, reason: 'circuit_open', retryAfterMs })
}

// An error in opening a back end is returned as a refusal, so that an order sent again is still
// answered from its row.
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function slotError(
  label: string,
  { reason, retryAfterMs }: Extract<Slot, { granted: false }>,
): BrokerError {
  if (reason !== 'circuit_open')
    return new BrokerError(
      'rate_limited',
      `${label} is busy with other orders. Try again in a moment.`,
      { retryAfterSeconds: 2 },
    )
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  return new BrokerError(
    'provider_unavailable',
    `${label} does not work at present, so nothing is sent to it for a while. ` +
      'Try again later, or order asynchronously: such an order waits.',
    { retryAfterSeconds },
  )
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
