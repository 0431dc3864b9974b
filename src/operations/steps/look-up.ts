import type { StepContext } from '../engine.ts'
import type { Failure, Verdict } from '../settle.ts'
import { mitigatedKinds } from '../states.ts'
import { labelled, later, retryLater } from './pace.ts'

const triesBeforeGivingUp = 8

/** Finds out whether a call took effect whose answer never reached us. */
export async function lookUp (context: StepContext): Promise<Verdict> {
  const { operation, effect, open } = context
  const finding = await effect.lookUp(open.backend, context.signal)
  switch (finding.kind) {
    case 'took_effect': return { state: 'succeeded', result: finding.result }
    case 'still_running': return { state: 'waiting', nextStepAt: later(context, undefined), tries: 0 }
    case 'no_effect': return withoutEffect(context, finding.description)
    case 'cannot_tell':
      if (operation.tries < triesBeforeGivingUp) return { state: 'uncertain', nextStepAt: retryLater(context), tries: operation.tries + 1 }
      return withoutEffect(context, finding.description)
    default: return finding satisfies never
  }
}

function withoutEffect (context: StepContext, description: string): Verdict {
  const { operation } = context
  // What the first answer said is better than what the look-up says.
  const failure: Failure = { reason: 'provider_failed', description: operation.description ?? labelled(context, description) }
  // A call that left us may still arrive, so what may come of it is removed even if nothing is there yet.
  if (mitigatedKinds.includes(operation.kind)) return { state: 'compensating', nextStepAt: context.now(), tries: 0, failure }
  if (operation.kind === 'update') return { state: 'failed', failure }
  return { state: 'accepted', nextStepAt: context.now(), tries: operation.tries + 1 }
}
