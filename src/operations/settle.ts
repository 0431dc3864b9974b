import type { Db, Tx } from '../db/database.ts'
import type { PreparedEffect } from './effect.ts'
import type { Operation } from './operation.ts'
import type { Queue } from './queue.ts'
import { assertMove, isFinished } from './states.ts'
import { recordOrder } from './record-order.ts'
import { leaveOrphan } from './leave-orphan.ts'
import { settleOperation, type Settled } from './store.ts'
import type { Failure, FailureReason, Verdict } from './verdict.ts'

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
  effect: PreparedEffect<unknown>,
  verdict: Verdict,
  audience: { isAnnounced(): boolean },
): Promise<boolean> {
  assertMove(operation.kind, operation.state, verdict.state)
  const now = deps.now()
  // Most steps only find out that it goes on: one statement needs no transaction around it.
  if (touchesOnlyItself(verdict)) {
    const isPollInVain = operation.state === 'waiting' && verdict.state === 'waiting'
    return settleOperation(
      deps.db,
      operation,
      { ...rowOf(verdict, now), mayBeLost: isPollInVain },
      now,
    )
  }
  return deps.db
    .transaction()
    .execute((tx) => settleIn(tx, deps, operation, effect, verdict, audience, now))
}

/** As `settle`, in the transaction of somebody who may make moves of his own: he has to look whether they are allowed. */
export async function settleIn(
  tx: Tx,
  deps: Pick<SettleDeps, 'queue'>,
  operation: Operation,
  effect: PreparedEffect<unknown>,
  verdict: Verdict,
  audience: { isAnnounced(): boolean },
  now: Date,
): Promise<boolean> {
  if (!(await settleOperation(tx, operation, rowOf(verdict, now), now))) return false
  await applyEffect(tx, operation, effect, verdict, audience, now)
  await leaveOrphan(tx, operation, effect, verdict, now)
  const failure = failureOf(verdict)
  if (failure !== undefined && catalogReasons.includes(failure.reason))
    await deps.queue.enqueueRefresh(tx, operation.providerId)
  if (isFinished(verdict.state) || verdict.state === 'parked')
    await recordOrder(
      tx,
      operation,
      verdict.state,
      now,
      failure === undefined ? {} : { reason: failure.reason },
    )
  return true
}

function touchesOnlyItself(verdict: Verdict): boolean {
  if (isFinished(verdict.state) || verdict.state === 'parked') return false
  return (
    failureOf(verdict) === undefined &&
    (verdict.state !== 'waiting' || verdict.result === undefined)
  )
}

function failureOf(verdict: Verdict): Failure | undefined {
  return 'failure' in verdict ? verdict.failure : undefined
}

function rowOf(verdict: Verdict, now: Date): Settled {
  const failure = failureOf(verdict)
  return {
    state: verdict.state,
    tries: 'tries' in verdict ? verdict.tries : 0,
    nextStepAt: 'nextStepAt' in verdict ? verdict.nextStepAt : null,
    quietUntil: 'quietUntil' in verdict ? verdict.quietUntil : undefined,
    sentAt: 'sentAt' in verdict ? verdict.sentAt : undefined,
    upstreamOperation: 'upstreamOperation' in verdict ? verdict.upstreamOperation : undefined,
    description:
      failure?.description ?? ('description' in verdict ? verdict.description : undefined),
    refusal: failure?.reason,
    instanceUsable: failure?.instanceUsable,
    updateRepeatable: failure?.updateRepeatable,
    finishedAt: isFinished(verdict.state) ? now : null,
  }
}

async function applyEffect(
  tx: Tx,
  operation: Operation,
  effect: PreparedEffect<unknown>,
  verdict: Verdict,
  audience: { isAnnounced(): boolean },
  now: Date,
): Promise<void> {
  if (verdict.state === 'succeeded') await effect.succeeded(tx, verdict.result, now)
  // Without accepts_incomplete the platform was never told 202: for it, a failed order was never there.
  if (verdict.state === 'failed') {
    await effect.failed(
      tx,
      {
        announced: audience.isAnnounced() && operation.acceptsIncomplete,
        instanceUsable: verdict.failure.instanceUsable ?? operation.instanceUsable ?? true,
      },
      now,
    )
  }
  if (verdict.state === 'waiting' && verdict.result !== undefined)
    await effect.begun(tx, verdict.result, now)
}
