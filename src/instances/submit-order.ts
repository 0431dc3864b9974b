// The last part of every order: its turn, the intent, the first call, and the answer.
import type { DbOrTx } from '../db/database.ts'
import { isLostRace } from '../db/lost-race.ts'
import { BrokerError } from '../errors.ts'
import { failureError } from '../operations/failure-error.ts'
import type { Operation } from '../operations/operation.ts'
import type { StepResult } from '../operations/step-result.ts'
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

/** The order takes more statements than one. */
export const needsTransaction = 'needs_transaction'

/** What has become of an intent; undefined: another order was faster. */
export type IntentResult = Intent | typeof needsTransaction | undefined

/** How an order of one kind is submitted. */
export interface Submittable<Order, Subject> extends TurnAt {
  /** What was read and decided before. */
  readonly subject: Subject
  /**
   * Writes the order: in one statement, or in a transaction, which is rolled back when the result
   * is undefined.
   */
  write(
    db: DbOrTx,
    deps: OrderDeps,
    order: Order,
    subject: Subject,
    turn: OrderTurn,
  ): Promise<IntentResult>
}

// Kysely rolls a transaction back only if its callback throws.
class RollBack extends Error {}

/**
 * Takes the order's turn, writes its intent, and makes its first call if the turn holds a slot.
 * @throws BrokerError `unavailable` when the client has gone: it may already have sent its DELETE,
 * which found nothing, so what it ordered would leak
 */
export async function submitOrder<Order extends OrderSource, Subject>(
  deps: OrderDeps,
  order: Order,
  submittable: Submittable<Order, Subject>,
): Promise<Submission> {
  const turn = await takeTurn(deps, submittable, order)
  if (turn.kind !== 'turn') return turn
  const { releaseSlot, receivedAtMs, inlineUntilMs } = turn
  let intent: Intent
  try {
    assertAwaited(order)
    intent = await writeIntent(deps, order, submittable, turn)
  } catch (error) {
    releaseSlot?.()
    if (error instanceof RollBack || isLostRace(error)) return { kind: 'not_written' }
    throw error
  }
  // The engine holds the slot, perhaps for longer than the platform waits.
  const { operation, written } = intent
  const client = order.isKept ? staying : order
  const first = { inlineUntilMs, receivedAtMs, written, client }
  const stepResult =
    releaseSlot && (await deps.engine.runFirst(operation, { ...first, releaseSlot }))
  return { kind: 'submitted', operation, stepResult }
}

const staying = { isAbandoned: () => false }

function assertAwaited(order: OrderSource): void {
  if (order.isAbandoned())
    throw new BrokerError('unavailable', 'The caller went away before the order was taken.')
}

/** @throws RollBack when another order was faster */
async function writeIntent<Order extends OrderSource, Subject>(
  deps: OrderDeps,
  order: Order,
  { subject, write }: Submittable<Order, Subject>,
  turn: OrderTurn,
): Promise<Intent> {
  // A worker may call a queued order as soon as it is committed, so whether its client has gone is
  // asked before the commit. For any other order the engine asks between the commit and the call.
  const isQueued = turn.releaseSlot === undefined
  const written = isQueued ? needsTransaction : await write(deps.db, deps, order, subject, turn)
  if (written === undefined) throw new RollBack()
  if (written !== needsTransaction) return written
  return deps.db.transaction().execute(async (tx) => {
    const intent = await write(tx, deps, order, subject, turn)
    if (intent === undefined) throw new RollBack()
    if (intent === needsTransaction) throw new Error('The order is in a transaction already.')
    if (isQueued) assertAwaited(order)
    return intent
  })
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
