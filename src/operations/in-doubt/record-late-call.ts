import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { recordOrphanRow } from '../../orphans/record.ts'
import { coded } from '../../log.ts'
import { orderSubject } from '../results/record-order.ts'
import type { EngineDeps, StepContext } from '../context.ts'
import type { StepResult } from '../step-result.ts'

const retries = 6

/**
 * After a call whose claim was lost: whoever took the operation over may have ended it before this call arrived at the
 * provider. What a create has made is written down as an orphan, for nobody else would remove it: its id at the provider
 * belongs to this one attempt, so nothing else can be hit, and if the order took effect after all the orphan is void.
 * A change or a delete cannot be taken back; that it was made is recorded, and a reconciliation tells what came of it.
 * Never rejects.
 */
export async function recordLateCall(
  deps: EngineDeps,
  context: StepContext,
  stepResult: StepResult,
): Promise<void> {
  const { operation } = context
  const isUnmade =
    stepResult.state === 'accepted' ||
    (stepResult.state === 'failed' && stepResult.retained === undefined)
  const mayHaveMade = operation.state === 'calling' && !isUnmade
  if (!mayHaveMade) return
  for (let tried = 0; tried < retries; tried++) {
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
        'a late call could not be written down',
      )
    }
    await new Promise((resolve) => {
      setTimeout(resolve, deps.times.pollMs * 2 ** tried).unref()
    })
  }
  const { instance, bindingId } = context.prepared.progress
  deps.log.error(
    { operationId: operation.id, kind: operation.kind, resource: { ...instance, bindingId } },
    'a late call is not written down: look at the provider whether it made something',
  )
}

async function write(
  tx: Tx,
  deps: EngineDeps,
  { operation, prepared }: StepContext,
): Promise<void> {
  const now = deps.now()
  const { instance, bindingId } = prepared.progress
  if (prepared.compensate !== undefined) {
    // It may be on its way still.
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
    action: `late-${operation.kind}`,
    ...orderSubject(operation),
    outcome: 'unknown',
    details: { operationId: operation.id, fencingToken: operation.fencingToken },
  })
}
