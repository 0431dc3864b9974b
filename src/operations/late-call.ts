import { keepOrphan } from '../orphans/keep.ts'
import { coded } from '../log.ts'
import type { EngineDeps, StepContext } from './context.ts'
import type { Verdict } from './settle.ts'

const tries = 6

/**
 * After a call whose claim was lost: whoever took the operation over may have ended it as failed before this call
 * arrived at the provider, and then nobody else would remove what it made. So it is written down as an orphan. Its id at
 * the provider belongs to this one attempt, so nothing else can be hit, and if the order took effect after all the
 * orphan is void. Never rejects.
 */
export async function keepLateCall (deps: EngineDeps, { operation, effect }: StepContext, verdict: Verdict): Promise<void> {
  const mayHaveMade = operation.state === 'calling' && verdict.state !== 'failed' && verdict.state !== 'accepted'
  if (!mayHaveMade || effect.undo === undefined) return
  for (let tried = 0; tried < tries; tried++) {
    try {
      const now = deps.now()
      await deps.db.transaction().execute((tx) => keepOrphan(tx, {
        operation,
        left: { instance: effect.progress.instance, bindingId: effect.progress.bindingId },
        cause: 'late_call',
        nextTryAt: now
      }, now))
      deps.log.warn({ operationId: operation.id, kind: operation.kind }, 'a call was made after its claim was lost')
      return
    } catch (error) {
      deps.log.warn({ operationId: operation.id, error: coded(error) }, 'a late call could not be written down')
    }
    await new Promise((resolve) => { setTimeout(resolve, deps.times.pollMs * 2 ** tried).unref() })
  }
}
