import type { Tx } from '../../db/database.ts'
import { keepOrphan } from '../../orphans/keep.ts'
import type { Reach } from '../../tenancy/principal.ts'
import type { PreparedEffect } from '../effect.ts'
import type { Operation } from '../operation.ts'
import { settleIn } from '../settle.ts'
import type { Verdict } from '../verdict.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { takeInHand } from './take-in-hand.ts'

const mostLooks = 5
const text = 'Ended by the operator of the broker without the provider.'

/**
 * Ends an operation without its provider. A create or a bind failed, a delete succeeded: the platform is rid of it, and
 * what may be left is removed at the provider as soon as that can be asked. An update failed, and nothing is removed:
 * an update never leads to a delete.
 * @throws BrokerError `not_found`, `conflict` when it is over, `concurrency` when it moves on again and again
 */
export async function abandonOperation(
  deps: OperatorDeps,
  reach: Reach,
  by: string,
  id: string,
  reason: string,
): Promise<void> {
  await takeInHand(
    deps,
    reach,
    id,
    {
      name: 'abandon',
      by,
      reason,
      moveOf: ({ kind }) => (isDelete(kind) ? 'succeeded' : 'failed'),
      async write(tx, operation, effect, to, now) {
        const verdict: Verdict =
          to === 'succeeded'
            ? { state: 'succeeded', result: undefined, description: text, unconfirmed: true }
            : { state: 'failed', failure: { reason: 'provider_failed', description: text } }
        await keepLeft(tx, deps, operation, effect, now)
        // A call that may still arrive is looked after by what has just been kept.
        await settleIn(
          tx,
          deps,
          { ...operation, quietUntil: null },
          effect,
          verdict,
          { isAnnounced: () => true },
          now,
        )
      },
    },
    mostLooks,
  )
}

async function keepLeft(
  tx: Tx,
  deps: OperatorDeps,
  operation: Operation,
  effect: PreparedEffect<unknown>,
  now: Date,
): Promise<void> {
  const makesNew = mitigatedKinds.includes(operation.kind)
  // What was surely not sent has left nothing.
  if (makesNew ? operation.state === 'accepted' : !isDelete(operation.kind)) return
  const quietUntil = makesNew
    ? new Date(now.getTime() + deps.config.quietMs)
    : (operation.quietUntil ?? undefined)
  const kept = { cause: 'abandoned', nextTryAt: now, quietUntil } as const
  // Before the rows of the bindings are closed, for these tell what was bound.
  for (const { left, bindingId } of (await effect.alsoLeft?.(tx)) ?? []) {
    await keepOrphan(tx, { ...kept, operation: { ...operation, bindingId }, left }, now)
  }
  const { instance, bindingId } = effect.progress
  await keepOrphan(tx, { ...kept, operation, left: { instance, bindingId } }, now)
}
