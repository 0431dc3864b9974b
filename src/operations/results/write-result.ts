import { setTimeout as wait } from 'node:timers/promises'
import { requestRefresh } from '../../catalog/due.ts'
import type { Db, Tx } from '../../db/database.ts'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import type { DecideAnnounced, StepContext } from '../context.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { assertMove, isFinished } from '../states.ts'
import type { FailureReason, StepResult } from '../step-result.ts'
import { recordOrder } from './record-order.ts'
import { recordOrphan } from './record-orphan.ts'
import { endStep, isStillAs, type StepEnd } from './store.ts'

// After these the catalog is read again at once: it holds the version that the provider now offers
// (OSB 2.17 "Maintenance Info Conflict"), or the failed reading shows the operator that the
// provider accepts no request.
const catalogReasons: readonly FailureReason[] = [
  'maintenance_info_conflict',
  'incompatible',
  'unauthorized',
]

const retryMs = 250

export interface WriteResultDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Writes the result of a step. Retries while the database is away, so that a restart of Postgres
 * loses no answer of a provider; the lease cannot be renewed then either, so the fencing token
 * decides.
 * @returns false when the claim was lost: nothing is written
 * @throws the driver's error when this process stops meanwhile
 */
export async function writeResult(
  deps: WriteResultDeps,
  { operation, prepared }: StepContext,
  stop: AbortSignal,
  stepResult: StepResult,
  decideAnnounced: DecideAnnounced,
): Promise<boolean> {
  assertMove(operation.kind, operation.state, stepResult.state)
  for (let isFirst = true; ; isFirst = false) {
    const now = deps.now()
    try {
      const isKept = changesOnlyOperation(stepResult)
        ? await endStep(deps.db, operation, rowOf(operation, stepResult, now), now)
        : await deps.db
            .transaction()
            .execute((tx) =>
              writeResultIn(tx, operation, prepared, stepResult, decideAnnounced, now),
            )
      if (isKept) return true
      // An earlier commit may have succeeded although its answer did not arrive.
      return !isFirst && (await isStillAs(deps.db, operation, stepResult.state))
    } catch (error) {
      if (!isTransientDatabaseError(error) || stop.aborted) throw error
    }
    await wait(retryMs)
  }
}

/**
 * Writes a result, its effect on the instance or binding and its audit record in the caller's
 * transaction. The caller has checked that the move is allowed.
 * @returns false when the claim was lost: nothing is written
 */
export async function writeResultIn(
  tx: Tx,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  decideAnnounced: DecideAnnounced,
  now: Date,
): Promise<boolean> {
  if (!(await endStep(tx, operation, rowOf(operation, stepResult, now), now))) return false
  if (stepResult.state === 'succeeded') await prepared.succeeded(tx, stepResult.result, now)
  else if (stepResult.state === 'waiting' && stepResult.result !== undefined)
    await prepared.begun(tx, stepResult.result, now)
  else if (stepResult.state === 'failed') {
    // Without accepts_incomplete the platform never got a 202: for it, a failed order never
    // existed.
    const isKnown = decideAnnounced() && operation.acceptsIncomplete
    const { instanceUsable = operation.instanceUsable ?? true } = stepResult.failure
    await prepared.failed(tx, { announced: isKnown, instanceUsable }, now)
  }
  await recordOrphan(tx, operation, prepared, stepResult, now)
  const reason = 'failure' in stepResult ? stepResult.failure?.reason : undefined
  if (reason !== undefined && catalogReasons.includes(reason))
    await requestRefresh(tx, operation.providerId, now)
  if (isFinished(stepResult.state) || stepResult.state === 'parked')
    await recordOrder(tx, operation, stepResult.state, now, {
      ...(reason === undefined ? {} : { reason }),
      ...(stepResult.state === 'succeeded' ? prepared.recordedOfSuccess?.() : {}),
    })
  return true
}

// Most steps only say that the operation goes on: one statement needs no transaction.
function changesOnlyOperation(stepResult: StepResult): boolean {
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

function rowOf(operation: Operation, stepResult: StepResult, now: Date): StepEnd {
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
    skipsFlush:
      operation.state === 'waiting' &&
      stepResult.state === 'waiting' &&
      stepResult.result === undefined,
  }
}
