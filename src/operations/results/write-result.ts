import { setTimeout as wait } from 'node:timers/promises'
import { requestRefresh } from '../../catalog/due.ts'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { Part } from '../../db/parts.ts'
import { isTransientDatabaseError } from '../../db/transient-error.ts'
import type { DecideAnnounced, StepContext } from '../context.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { assertMove, isDelete, isFinished } from '../states.ts'
import type { FailureReason, StepResult } from '../step-result.ts'
import { orderRecorded } from './record-order.ts'
import { orphansOf } from './record-orphan.ts'
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
      const isKept = needsTransaction(stepResult)
        ? await deps.db
            .transaction()
            .execute((tx) =>
              writeResultIn(tx, operation, prepared, stepResult, decideAnnounced, now),
            )
        : await settle(deps.db, operation, prepared, stepResult, decideAnnounced, now)
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
  if (!(await settle(tx, operation, prepared, stepResult, decideAnnounced, now))) return false
  if (needsTransaction(stepResult)) await requestRefresh(tx, operation.providerId, now)
  return true
}

function needsTransaction(stepResult: StepResult): boolean {
  const reason = reasonOf(stepResult)
  return reason !== undefined && catalogReasons.includes(reason)
}

// One statement, so that an order waits for one round trip and no lock is held during another.
async function settle(
  db: DbOrTx,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  decideAnnounced: DecideAnnounced,
  now: Date,
): Promise<boolean> {
  const { state } = stepResult
  const parts = [...effectOf(operation, prepared, stepResult, decideAnnounced, now)]
  // An order that succeeded has left nothing, but a delete may release what others have left.
  if (state === 'failed' || (state === 'succeeded' && isDelete(operation.kind)))
    parts.push(...orphansOf(operation, prepared, stepResult, now))
  if (isFinished(state) || state === 'parked') {
    const reason = reasonOf(stepResult)
    const details = {
      ...(reason === undefined ? {} : { reason }),
      ...(state === 'succeeded' ? prepared.recordedOfSuccess?.() : {}),
      ...confirmationOf(operation, stepResult),
    }
    parts.push(orderRecorded(db, operation, state, now, details))
  }
  return endStep(db, operation, rowOf(operation, stepResult, now), now, parts)
}

/** Who says that something is deleted, which a certificate of it must tell. */
function confirmationOf(
  { kind, state }: Operation,
  stepResult: StepResult,
): { readonly confirmedBy?: 'given-up' | 'operator' | 'look-up' | 'poll' | 'answer' } {
  if (stepResult.state !== 'succeeded' || !isDelete(kind)) return {}
  if (stepResult.unconfirmed === true) return { confirmedBy: 'given-up' }
  if (stepResult.byOperator === true) return { confirmedBy: 'operator' }
  if (state === 'uncertain') return { confirmedBy: 'look-up' }
  return { confirmedBy: state === 'waiting' ? 'poll' : 'answer' }
}

/** What changes in the instance or the binding. */
function effectOf(
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  stepResult: StepResult,
  decideAnnounced: DecideAnnounced,
  now: Date,
): readonly Part[] {
  if (stepResult.state === 'succeeded') return prepared.succeeded(stepResult.result, now)
  if (stepResult.state === 'waiting' && stepResult.result !== undefined)
    return prepared.begun(stepResult.result, now)
  if (stepResult.state !== 'failed') return []
  // Without accepts_incomplete the platform never got a 202: for it, a failed order never existed.
  const announced = decideAnnounced() && operation.acceptsIncomplete
  const { instanceUsable = operation.instanceUsable ?? true } = stepResult.failure
  return prepared.failed({ announced, instanceUsable }, now)
}

function reasonOf(stepResult: StepResult): FailureReason | undefined {
  return 'failure' in stepResult ? stepResult.failure?.reason : undefined
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
