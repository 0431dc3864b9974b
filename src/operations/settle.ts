import type { Db, Tx } from '../db/database.ts'
import type { PreparedOperation } from './operation-handler.ts'
import type { Operation } from './operation.ts'
import type { Queue } from './queue.ts'
import { assertMove, isFinished } from './states.ts'
import { recordOrder } from './record-order.ts'
import { recordOrphan } from './record-orphan.ts'
import { settleOperation, type Settled } from './store.ts'
import type { Failure, FailureReason, StepResult } from './step-result.ts'

// The catalog is read again at once: it holds the version that the provider now offers (OSB 2.17 "Maintenance Info
// Conflict"), or its reading shows the operator that the provider takes no request of ours.
const catalogReasons: readonly FailureReason[] = [
  'maintenance_info_conflict',
  'incompatible',
  'unauthorized',
]

export interface SettleDeps {
  readonly db: Db
  readonly now: () => Date
  readonly queue: Queue
}

/**
 * Writes a verdict, its effect on the instance or binding, and when the next step is, in one transaction.
 * @returns false when the claim was lost: nothing is written, whatever the step found out
 */
export async function settle(
  deps: SettleDeps,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  audience: { isAnnounced(): boolean },
): Promise<boolean> {
  assertMove(operation.kind, operation.state, stepResult.state)
  const now = deps.now()
  // Most steps only find out that it goes on: one statement needs no transaction around it.
  if (touchesOnlyItself(stepResult)) {
    const isPollInVain = operation.state === 'waiting' && stepResult.state === 'waiting'
    return settleOperation(
      deps.db,
      operation,
      { ...rowOf(stepResult, now), mayBeLost: isPollInVain },
      now,
    )
  }
  return deps.db
    .transaction()
    .execute((tx) => settleIn(tx, deps, operation, prepared, stepResult, audience, now))
}

/** As `settle`, in the transaction of somebody who may make moves of his own: he has to look whether they are allowed. */
export async function settleIn(
  tx: Tx,
  deps: Pick<SettleDeps, 'queue'>,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  audience: { isAnnounced(): boolean },
  now: Date,
): Promise<boolean> {
  if (!(await settleOperation(tx, operation, rowOf(stepResult, now), now))) return false
  await applyEffect(tx, operation, prepared, stepResult, audience, now)
  await recordOrphan(tx, operation, prepared, stepResult, now)
  const failure = failureOf(stepResult)
  if (failure !== undefined && catalogReasons.includes(failure.reason))
    await deps.queue.enqueueRefresh(tx, operation.providerId)
  if (isFinished(stepResult.state) || stepResult.state === 'parked')
    await recordOrder(
      tx,
      operation,
      stepResult.state,
      now,
      failure === undefined ? {} : { reason: failure.reason },
    )
  return true
}

function touchesOnlyItself(stepResult: StepResult): boolean {
  if (isFinished(stepResult.state) || stepResult.state === 'parked') return false
  return (
    failureOf(stepResult) === undefined &&
    (stepResult.state !== 'waiting' || stepResult.result === undefined)
  )
}

function failureOf(stepResult: StepResult): Failure | undefined {
  return 'failure' in stepResult ? stepResult.failure : undefined
}

function rowOf(stepResult: StepResult, now: Date): Settled {
  const failure = failureOf(stepResult)
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
  audience: { isAnnounced(): boolean },
  now: Date,
): Promise<void> {
  if (stepResult.state === 'succeeded') await prepared.succeeded(tx, stepResult.result, now)
  // Without accepts_incomplete the platform was never told 202: for it, a failed order was never there.
  if (stepResult.state === 'failed') {
    await prepared.failed(
      tx,
      {
        announced: audience.isAnnounced() && operation.acceptsIncomplete,
        instanceUsable: stepResult.failure.instanceUsable ?? operation.instanceUsable ?? true,
      },
      now,
    )
  }
  if (stepResult.state === 'waiting' && stepResult.result !== undefined)
    await prepared.begun(tx, stepResult.result, now)
}
