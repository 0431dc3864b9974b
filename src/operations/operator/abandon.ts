import type { Tx } from '../../db/database.ts'
import { recordOrphanRow } from '../../orphans/record.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { alwaysAnnounced } from '../context.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { writeResultIn } from '../results/write-result.ts'
import type { StepResult } from '../step-result.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

const maxTries = 5
const description = 'Ended by the operator of the broker without the provider.'

/**
 * Ends an operation without asking its provider. A create or a bind fails and a delete succeeds, so
 * that the platform can go on; what may be left becomes an orphan. An update fails and nothing is
 * removed: an update never leads to a delete.
 * @throws BrokerError `not_found`, `conflict` when it is over, `concurrency` when it moves on again
 * and again
 */
export async function abandonOperation(
  deps: OperatorDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<void> {
  await applyOperatorAction(
    deps,
    caller,
    id,
    {
      name: 'abandon',
      reason,
      moveOf: ({ kind }) => (isDelete(kind) ? 'succeeded' : 'failed'),
      async write(tx, operation, prepared, to, now) {
        const stepResult: StepResult =
          to === 'succeeded'
            ? { state: 'succeeded', result: undefined, description, unconfirmed: true }
            : { state: 'failed', failure: { reason: 'provider_failed', description } }
        await recordOrphans(tx, deps, operation, prepared, now)
        // The orphan that was just recorded covers a call that may still arrive.
        await writeResultIn(
          tx,
          { ...operation, inDoubtUntil: null },
          prepared,
          stepResult,
          alwaysAnnounced,
          now,
        )
      },
    },
    maxTries,
  )
}

async function recordOrphans(
  tx: Tx,
  deps: OperatorDeps,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  now: Date,
): Promise<void> {
  const makesNew = mitigatedKinds.includes(operation.kind)
  // A call that was certainly not sent has left nothing.
  if (makesNew ? operation.state === 'accepted' : !isDelete(operation.kind)) return
  const inDoubtUntil = makesNew
    ? new Date(now.getTime() + deps.config.inDoubtMs)
    : (operation.inDoubtUntil ?? undefined)
  const orphan = { cause: 'abandoned', nextRetryAt: now, inDoubtUntil } as const
  // Before the binding rows are closed, because they say what was bound.
  for (const { resource, bindingId } of (await prepared.otherOrphans?.(tx)) ?? []) {
    await recordOrphanRow(tx, { ...orphan, operation: { ...operation, bindingId }, resource }, now)
  }
  const { instance, bindingId } = prepared.progressQuery
  await recordOrphanRow(tx, { ...orphan, operation, resource: { instance, bindingId } }, now)
}
