import type { StepContext } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { Failure, StepResult } from '../step-result.ts'
import { mitigatedKinds } from '../states.ts'
import { labelled, nextLook, inDoubtEnd, retryLater } from './pace.ts'

const triesBeforeGivingUp = 8
// The instance is blocked meanwhile, and the platform repeats its delete anyway.
const triesAfterToldDelete = 3

/** Finds out whether a call took effect whose answer never reached us. */
export async function lookUp(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open } = context
  const finding = await prepared.lookUp(open.backend, context.signal)
  switch (finding.kind) {
    case 'took_effect':
      return { state: 'succeeded', result: finding.result }
    case 'still_running':
      return { state: 'waiting', nextStepAt: nextLook(context, undefined), retries: 0 }
    case 'no_effect':
      return withoutEffect(context, finding.description)
    case 'cannot_tell':
      if (
        operation.retries < (isToldDelete(operation) ? triesAfterToldDelete : triesBeforeGivingUp)
      )
        return {
          state: 'uncertain',
          nextStepAt: retryLater(context),
          retries: operation.retries + 1,
        }
      return withoutEffect(context, finding.description)
    default:
      return finding satisfies never
  }
}

// The platform could not wait and has been told that its delete failed: it must not come true later.
function isToldDelete({ kind, acceptsIncomplete, description }: Operation): boolean {
  return (kind === 'deprovision' || kind === 'unbind') && !acceptsIncomplete && description !== null
}

function withoutEffect(context: StepContext, description: string): StepResult {
  const { operation } = context
  // What the first answer said is better than what the look-up says.
  const failure: Failure = {
    reason: 'provider_failed',
    description: operation.description ?? labelled(context, description),
  }
  // A call that left us may still arrive, so what may come of it is removed even if nothing is there yet.
  if (mitigatedKinds.includes(operation.kind))
    return {
      state: 'compensating',
      nextStepAt: context.now(),
      retries: 0,
      failure,
      inDoubtUntil: inDoubtEnd(context),
    }
  if (operation.kind === 'update' || isToldDelete(operation)) return { state: 'failed', failure }
  // A delete may simply be repeated.
  return { state: 'accepted', nextStepAt: context.now(), retries: operation.retries + 1 }
}
