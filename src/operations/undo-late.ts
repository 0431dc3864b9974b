import { coded } from '../log.ts'
import type { EngineDeps, StepContext } from './context.ts'
import type { Verdict } from './settle.ts'
import { findState } from './store.ts'

const tries = 5

/**
 * After a call whose claim was lost: whoever took the operation over may have ended it as failed before this call
 * arrived at the provider, and then nobody else will remove what the call has made. Its id at the provider belongs to
 * this one attempt, so nothing else can be hit; and where the operation has not failed, it is left alone.
 */
export async function undoLate (deps: EngineDeps, { operation, effect, open }: StepContext, verdict: Verdict, stop: AbortSignal): Promise<void> {
  const mayHaveMade = operation.state === 'calling' && verdict.state !== 'failed' && verdict.state !== 'accepted'
  if (!mayHaveMade || effect.undo === undefined) return
  for (let tried = 0; tried < tries; tried++) {
    try {
      if (await findState(deps.db, operation.id) !== 'failed') return
      const outcome = await effect.undo(open.backend, AbortSignal.any([stop, AbortSignal.timeout(30_000)]))
      deps.log.warn({ operationId: operation.id, kind: operation.kind, outcome: outcome.kind }, 'removing what a late call had made')
      if (outcome.kind === 'done') return
    } catch (error) {
      deps.log.warn({ operationId: operation.id, error: coded(error) }, 'could not remove what a late call had made')
    }
    await new Promise((resolve) => { setTimeout(resolve, deps.times.pollMs * 2 ** tried).unref() })
  }
}
