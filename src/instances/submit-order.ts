import { BrokerError } from '../errors.ts'
import { failureError } from '../operations/failure-error.ts'
import { firstAnswer } from '../operations/first-answer.ts'
import type { NewOperation, Operation } from '../operations/operation.ts'
import type { StepResult } from '../operations/step-result.ts'
import { insertOperation, recordOrder, type Claim } from '../operations/begin.ts'
import type { Tx } from '../db/database.ts'
import type { Slot } from '../providers/bulkhead.ts'
import type { OrderDeps, OrderSource } from './order.ts'

// Rolls back the transaction of an order that came too late; never leaves this file.
class LostRace extends Error {}

/**
 * Writes an order down and works on it: takes one of the provider's places, lets `write` insert the intent in one
 * transaction, and makes the call when that is committed.
 * @param write  inserts what is needed and calls `insert` for the operation; undefined means that somebody was faster
 * @returns undefined when somebody was faster; else the first answer, or undefined `verdict` when it takes longer
 * @throws BrokerError `rate_limited` when the provider has no place left, `provider_unavailable` while its circuit is open, if
 * the caller cannot wait; `unavailable` when the caller has gone before the order was written
 */
export async function submitOrder(
  deps: OrderDeps,
  providerId: string,
  { acceptsIncomplete, isAbandoned }: Pick<OrderSource, 'acceptsIncomplete' | 'isAbandoned'>,
  write: (
    tx: Tx,
    insert: (operation: NewOperation) => Promise<Operation | undefined>,
    now: Date,
  ) => Promise<Operation | undefined>,
): Promise<
  { readonly operation: Operation; readonly stepResult: StepResult | undefined } | undefined
> {
  const open = await deps.openBackend(providerId)
  const slot = open.acquireSlot(acceptsIncomplete ? 'order' : 'order_at_once')
  if (!slot.granted && !acceptsIncomplete) throw refusal(open.label, slot)
  const release = slot.granted ? slot.release : undefined
  let handedOver = false
  try {
    const now = deps.now()
    const claim: Claim =
      release === undefined
        ? { state: 'accepted', leaseUntil: null, nextStepAt: now }
        : {
            state: 'calling',
            leaseUntil: new Date(now.getTime() + deps.orderTimes.leaseMs),
            nextStepAt: null,
          }
    const operation = await deps.db
      .transaction()
      .execute(async (tx) => {
        const begun = await write(tx, (fresh) => insertOperation(tx, fresh, claim, now), now)
        // Whatever `write` has written by then must not stay.
        if (begun === undefined) throw new LostRace()
        // Whoever gave up waiting deletes what he ordered, and that delete may be through by now: it found nothing. An order
        // that comes to be after it would stay for ever, known to nobody.
        if (isAbandoned())
          throw new BrokerError('unavailable', 'The caller went away before the order was taken.')
        // One that cannot outlive its request is recorded when it has ended, once: that tells when it was ordered, too.
        if (acceptsIncomplete) await recordOrder(tx, begun, 'accepted', now)
        return begun
      })
      .catch((error: unknown) => {
        if (error instanceof LostRace) return undefined
        throw error
      })
    if (operation === undefined) return undefined
    if (release === undefined) return { operation, stepResult: undefined }
    handedOver = true
    return {
      operation,
      stepResult: await firstAnswer(deps.engine, operation, deps.orderTimes.inlineMs, release),
    }
  } finally {
    if (!handedOver) release?.()
  }
}

/**
 * Whether an order would be sent, or may wait until it is.
 * @throws BrokerError `provider_unavailable` while the provider is not called and the caller cannot wait
 */
export async function validateSubmission(
  deps: OrderDeps,
  providerId: string,
  { acceptsIncomplete }: Pick<OrderSource, 'acceptsIncomplete'>,
): Promise<void> {
  const open = await deps.openBackend(providerId)
  const retryAfterMs = open.outageMs()
  if (retryAfterMs !== undefined && !acceptsIncomplete)
    throw refusal(open.label, { granted: false, reason: 'circuit_open', retryAfterMs })
}

/** Why an order that cannot wait is not taken. */
function refusal(
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
    `${label} does not work at present, so nothing is sent to it for a while. Try again later, or order asynchronously: such an order waits.`,
    { retryAfterSeconds },
  )
}

/**
 * What the first answer is to the platform.
 * @returns the result when it is through, undefined when it goes on (202)
 * @throws BrokerError when it failed, or when it goes on but the caller cannot wait
 */
export function answerOf(
  operation: Operation,
  stepResult: StepResult | undefined,
): { readonly result: unknown } | undefined {
  if (stepResult === undefined) {
    if (operation.acceptsIncomplete) return undefined
    throw new BrokerError(
      'unavailable',
      'The order was interrupted; what came of it is being found out. Try again in a moment.',
      { retryAfterSeconds: 5 },
    )
  }
  switch (stepResult.state) {
    case 'succeeded':
      return { result: stepResult.result }
    case 'failed':
    case 'parked':
      throw failureError(stepResult.failure, operation.acceptsIncomplete)
    case 'waiting':
      return undefined
    case 'accepted':
    case 'uncertain':
    case 'compensating':
      if (operation.acceptsIncomplete) return undefined
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
