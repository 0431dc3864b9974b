import { lateCallActions } from '../../audit/actions.ts'
import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { recordOrphanRow } from '../../orphans/record.ts'
import { coded } from '../../log.ts'
import { orderSubject } from '../results/record-order.ts'
import type { EngineDeps, StepContext } from '../context.ts'
import type { StepResult } from '../step-result.ts'

const maxTries = 6

/**
 * Called after a call whose claim was lost: the new owner may have ended the operation before this
 * call arrived at the provider. Nothing else would remove what a create has made, so it is recorded
 * as an orphan; its id at the provider belongs to this attempt alone, and if the order took effect
 * after all the orphan is void. A change or a delete cannot be undone: that it was made is
 * recorded, and a reconciliation finds out what came of it.
 * Never rejects.
 */
export async function recordLateCall(
  deps: EngineDeps,
  context: StepContext,
  stepResult: StepResult,
): Promise<void> {
  const { operation } = context
  const hasNoEffect =
    stepResult.state === 'accepted' ||
    (stepResult.state === 'failed' && stepResult.retained === undefined)
  const mayHaveMade = operation.state === 'calling' && !hasNoEffect
  if (!mayHaveMade) return
  for (let tried = 0; tried < maxTries; tried++) {
    try {
      await deps.db.transaction().execute((tx) => write(tx, deps, context))
      deps.log.warn(
        { operationId: operation.id, kind: operation.kind },
        'a call was made after its claim was lost',
      )
      return
    } catch (error) {
      deps.log.warn(
        { operationId: operation.id, error: coded(error) },
        'a late call could not be recorded',
      )
    }
    await new Promise((resolve) => {
      setTimeout(resolve, deps.times.pollMs * 2 ** tried).unref()
    })
  }
  const { instance, bindingId } = context.prepared.progressQuery
  deps.log.error(
    { operationId: operation.id, kind: operation.kind, resource: { ...instance, bindingId } },
    'a late call is not recorded: check at the provider whether it created something',
  )
}

async function write(
  tx: Tx,
  deps: EngineDeps,
  { operation, prepared }: StepContext,
): Promise<void> {
  const now = deps.now()
  const { instance, bindingId } = prepared.progressQuery
  if (prepared.compensate !== undefined) {
    // The call may still be on its way.
    const inDoubtUntil = new Date(now.getTime() + deps.times.inDoubtMs)
    await recordOrphanRow(
      tx,
      {
        operation,
        resource: { instance, bindingId },
        cause: 'late_call',
        nextRetryAt: now,
        inDoubtUntil,
      },
      now,
    )
  }
  await record(tx, {
    at: now,
    actor: 'kontor',
    action: lateCallActions[operation.kind],
    ...orderSubject(operation),
    outcome: 'unknown',
    details: { operationId: operation.id, fencingToken: operation.fencingToken },
  })
}
