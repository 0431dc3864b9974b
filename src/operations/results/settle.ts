import { setTimeout as wait } from 'node:timers/promises'
import type { Db, Tx } from '../../db/database.ts'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import type { IsAnnounced, StepContext } from '../context.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import type { Queue } from '../queue.ts'
import { assertMove, isFinished } from '../states.ts'
import type { FailureReason, StepResult } from '../step-result.ts'
import { recordOrder } from './record-order.ts'
import { recordOrphan } from './record-orphan.ts'
import { isStillAs, settleOperation, type Settled } from './store.ts'

// The catalog is read again at once: it holds the version that the provider now offers (OSB 2.17 "Maintenance Info
// Conflict"), or its reading shows the operator that the provider takes no request of ours.
const catalogReasons: readonly FailureReason[] = [
  'maintenance_info_conflict',
  'incompatible',
  'unauthorized',
]

const betweenTriesMs = 250

export interface SettleDeps {
  readonly db: Db
  readonly now: () => Date
  readonly queue: Queue
}

/**
 * Writes the result of a step, again and again while the database is away: what the provider has said is not to be lost because Postgres is
 * being restarted. Not only while the lease lasts, which cannot be renewed either then: the fencing token decides.
 * @returns false when the claim was lost: nothing is written
 * @throws the driver's error when this process is stopped meanwhile
 */
export async function settle(
  deps: SettleDeps,
  context: StepContext,
  stop: AbortSignal,
  stepResult: StepResult,
  isAnnounced: IsAnnounced,
): Promise<boolean> {
  const { operation } = context
  assertMove(operation.kind, operation.state, stepResult.state)
  for (let isFirst = true; ; isFirst = false) {
    try {
      if (await settleOnce(deps, context, stepResult, isAnnounced)) return true
      // The answer to an earlier commit may have been lost with the connection.
      return !isFirst && (await isStillAs(deps.db, operation, stepResult.state))
    } catch (error) {
      if (!isTransientDatabaseError(error) || stop.aborted) throw error
    }
    await wait(betweenTriesMs)
  }
}

async function settleOnce(
  deps: SettleDeps,
  { operation, prepared }: StepContext,
  stepResult: StepResult,
  isAnnounced: IsAnnounced,
): Promise<boolean> {
  const now = deps.now()
  // Most steps only find out that the operation goes on: one statement needs no transaction around it.
  if (touchesOnlyItself(stepResult)) {
    const mayBeLost = operation.state === 'waiting' && stepResult.state === 'waiting'
    return settleOperation(deps.db, operation, { ...rowOf(stepResult, now), mayBeLost }, now)
  }
  return deps.db
    .transaction()
    .execute((tx) => settleIn(tx, deps, operation, prepared, stepResult, isAnnounced, now))
}

/**
 * Writes a result, its effect on the instance or binding and the record of its end in the caller's transaction. The caller
 * has checked that the move is allowed.
 * @returns false when the claim was lost: nothing is written
 */
export async function settleIn(
  tx: Tx,
  deps: Pick<SettleDeps, 'queue'>,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  isAnnounced: IsAnnounced,
  now: Date,
): Promise<boolean> {
  if (!(await settleOperation(tx, operation, rowOf(stepResult, now), now))) return false
  await applyEffect(tx, operation, prepared, stepResult, isAnnounced, now)
  await recordOrphan(tx, operation, prepared, stepResult, now)
  const reason = 'failure' in stepResult ? stepResult.failure?.reason : undefined
  if (reason !== undefined && catalogReasons.includes(reason))
    await deps.queue.enqueueRefresh(tx, operation.providerId)
  if (isFinished(stepResult.state) || stepResult.state === 'parked')
    await recordOrder(tx, operation, stepResult.state, now, reason)
  return true
}

function touchesOnlyItself(stepResult: StepResult): boolean {
  switch (stepResult.state) {
    case 'accepted':
    case 'uncertain':
    case 'compensating':
      return stepResult.failure === undefined
    case 'waiting':
      return stepResult.result === undefined
    case 'succeeded':
    case 'failed':
    case 'parked':
      return false
    default:
      return stepResult satisfies never
  }
}

function rowOf(stepResult: StepResult, now: Date): Settled {
  const failure = 'failure' in stepResult ? stepResult.failure : undefined
  return {
    state: stepResult.state,
    retries: 'retries' in stepResult ? stepResult.retries : 0,
    nextStepAt: 'nextStepAt' in stepResult ? stepResult.nextStepAt : null,
    inDoubtUntil: 'inDoubtUntil' in stepResult ? stepResult.inDoubtUntil : undefined,
    sentAt: 'sentAt' in stepResult ? stepResult.sentAt : undefined,
    upstreamOperation: 'upstreamOperation' in stepResult ? stepResult.upstreamOperation : undefined,
    description:
      failure?.description ?? ('description' in stepResult ? stepResult.description : undefined),
    refusal: failure?.reason,
    instanceUsable: failure?.instanceUsable,
    updateRepeatable: failure?.updateRepeatable,
    finishedAt: isFinished(stepResult.state) ? now : null,
  }
}

async function applyEffect(
  tx: Tx,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  isAnnounced: IsAnnounced,
  now: Date,
): Promise<void> {
  switch (stepResult.state) {
    case 'succeeded':
      return prepared.succeeded(tx, stepResult.result, now)
    case 'failed': {
      // Without accepts_incomplete the platform was never told 202: for it, a failed order was never there.
      const isKnown = isAnnounced() && operation.acceptsIncomplete
      const { instanceUsable = operation.instanceUsable ?? true } = stepResult.failure
      return prepared.failed(tx, { announced: isKnown, instanceUsable }, now)
    }
    case 'waiting':
      if (stepResult.result !== undefined) await prepared.begun(tx, stepResult.result, now)
      return
    default:
  }
}
