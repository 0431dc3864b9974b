import type { StepContext } from '../context.ts'
import type { Failure, Verdict } from '../settle.ts'
import { mitigatedKinds } from '../states.ts'
import { labelled, later, retryLater } from './pace.ts'

/** Asks the back end how far a pending operation is. */
export async function poll (context: StepContext): Promise<Verdict> {
  const { operation, effect, open } = context
  const progress = await open.backend.progress(effect.progress, context.signal)
  const deletes = operation.kind === 'deprovision' || operation.kind === 'unbind'
  switch (progress.kind) {
    case 'running':
      return stillWaiting(context, later(context, progress.retryAfterSeconds), 0, progress.description)
    case 'succeeded':
      return deletes ? { state: 'succeeded', result: undefined } : collect(context)
    case 'failed':
      return failedAtProvider(context, { ...progress, reason: 'provider_failed', description: labelled(context, progress.description) })
    case 'gone':
      // Only a delete can end so; for a create or an update the answer is invalid and polling goes on.
      return deletes ? { state: 'succeeded', result: undefined } : stillWaiting(context, retryLater(context), operation.tries + 1)
    case 'missing':
      // The delete is repeated to be sure: a resource that is gone then answers so.
      return deletes && context.now() < operation.deadlineAt
        ? { state: 'accepted', nextStepAt: context.now(), tries: operation.tries + 1 }
        : stillWaiting(context, retryLater(context), operation.tries + 1)
    case 'unclear':
      return stillWaiting(context, progress.retryAfterSeconds === undefined ? retryLater(context) : later(context, progress.retryAfterSeconds), operation.tries + 1)
    default: return progress satisfies never
  }
}

function stillWaiting (context: StepContext, nextStepAt: Date, tries: number, description?: string): Verdict {
  const { deadlineAt } = context.operation
  if (context.now() >= deadlineAt) {
    return failedAtProvider(context, { reason: 'timeout', description: labelled(context, 'the operation did not end within its time.') })
  }
  const inTime = nextStepAt < deadlineAt ? nextStepAt : deadlineAt
  return { state: 'waiting', nextStepAt: inTime, tries, description: description === undefined ? undefined : labelled(context, description) }
}

async function collect (context: StepContext): Promise<Verdict> {
  const { operation, effect, open } = context
  const collected = await effect.collect(open.backend, context.signal)
  if (collected === undefined && operation.tries >= context.times.triesBeforeParking) {
    return failedAtProvider(context, { reason: 'provider_failed', description: labelled(context, 'it is there, but cannot be read.') })
  }
  if (collected === undefined) return stillWaiting(context, retryLater(context), operation.tries + 1)
  if ('failure' in collected) return failedAtProvider(context, { reason: 'protocol', description: labelled(context, collected.failure) })
  return { state: 'succeeded', result: collected.result }
}

function failedAtProvider (context: StepContext, failure: Failure): Verdict {
  // OSB 2.17 "Orphan Mitigation": a create that failed may have left something, so it is deleted.
  if (mitigatedKinds.includes(context.operation.kind)) return { state: 'compensating', nextStepAt: context.now(), tries: 0, failure }
  return { state: 'failed', failure }
}
