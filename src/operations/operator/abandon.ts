import type { Tx } from '../../db/database.ts'
import { recordOrphanRow } from '../../orphans/record.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { announced } from '../context.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { settleIn } from '../results/settle.ts'
import type { StepResult } from '../step-result.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

const maxLooks = 5
const text = 'Ended by the operator of the broker without the provider.'

/**
 * Ends an operation without its provider. A create or a bind failed, a delete succeeded: the platform is rid of it, and
 * what may be left is removed at the provider as soon as that can be asked. An update failed, and nothing is removed:
 * an update never leads to a delete.
 * @throws BrokerError `not_found`, `conflict` when it is over, `concurrency` when it moves on again and again
 */
export async function abandonOperation(
  deps: OperatorDeps,
  scope: AccessScope,
  by: string,
  id: string,
  reason: string,
): Promise<void> {
  await applyOperatorAction(
    deps,
    scope,
    id,
    {
      name: 'abandon',
      by,
      reason,
      moveOf: ({ kind }) => (isDelete(kind) ? 'succeeded' : 'failed'),
      async write(tx, operation, prepared, to, now) {
        const stepResult: StepResult =
          to === 'succeeded'
            ? { state: 'succeeded', result: undefined, description: text, unconfirmed: true }
            : { state: 'failed', failure: { reason: 'provider_failed', description: text } }
        await keepLeft(tx, deps, operation, prepared, now)
        // A call that may still arrive is looked after by what has just been kept.
        await settleIn(
          tx,
          deps,
          { ...operation, inDoubtUntil: null },
          prepared,
          stepResult,
          announced,
          now,
        )
      },
    },
    maxLooks,
  )
}

async function keepLeft(
  tx: Tx,
  deps: OperatorDeps,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
  now: Date,
): Promise<void> {
  const makesNew = mitigatedKinds.includes(operation.kind)
  // What was surely not sent has left nothing.
  if (makesNew ? operation.state === 'accepted' : !isDelete(operation.kind)) return
  const inDoubtUntil = makesNew
    ? new Date(now.getTime() + deps.config.inDoubtMs)
    : (operation.inDoubtUntil ?? undefined)
  const kept = { cause: 'abandoned', nextRetryAt: now, inDoubtUntil } as const
  // Before the rows of the bindings are closed, for these tell what was bound.
  for (const { resource, bindingId } of (await prepared.otherOrphans?.(tx)) ?? []) {
    await recordOrphanRow(tx, { ...kept, operation: { ...operation, bindingId }, resource }, now)
  }
  const { instance, bindingId } = prepared.progress
  await recordOrphanRow(tx, { ...kept, operation, resource: { instance, bindingId } }, now)
}
