import type { StepContext } from '../context.ts'
import type { Failure, StepResult } from '../step-result.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import { labelled, nextPoll, nextPollInDoubt, retryLater } from './pace.ts'

/** Polls the back end for the operation. */
export async function poll(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open } = context
  const progress = await open.backend.progress(prepared.progressQuery, context.signal)
  const deletes = isDelete(operation.kind)
  switch (progress.kind) {
    case 'running':
      return stillWaiting(
        context,
        nextPoll(context, progress.retryAfterSeconds),
        0,
        progress.description ?? forgottenDoubt(operation),
      )
    case 'succeeded':
      return deletes ? succeeded(context, undefined) : collect(context)
    case 'failed':
      return failedAtProvider(context, {
        ...progress,
        reason: 'provider_failed',
        description: labelled(context, progress.description),
      })
    case 'gone':
      // Only a delete can end so; for a create or an update the answer is invalid, and polling goes
      // on.
      return deletes
        ? succeeded(context, undefined)
        : stillWaiting(
            context,
            nextPollInDoubt(context),
            operation.retries + 1,
            'The provider says that it is gone.',
          )
    case 'missing':
      // Repeats the delete: for a resource that is gone, the provider then says so.
      return deletes && context.now() < operation.deadlineAt
        ? {
            state: 'accepted',
            nextStepAt: operation.retries === 0 ? context.now() : retryLater(context),
            retries: operation.retries + 1,
            description: labelled(context, progress.description),
          }
        : stillWaiting(
            context,
            nextPollInDoubt(context),
            operation.retries + 1,
            progress.description,
          )
    case 'unclear':
      return stillWaiting(
        context,
        progress.retryAfterSeconds === undefined
          ? nextPollInDoubt(context)
          : nextPoll(context, progress.retryAfterSeconds),
        operation.retries + 1,
        progress.description,
      )
    default:
      return progress satisfies never
  }
}

function stillWaiting(
  context: StepContext,
  nextStepAt: Date,
  retries: number,
  description?: string | null,
): StepResult {
  if (context.now() >= context.operation.deadlineAt) {
    return failedAtProvider(context, {
      reason: 'timeout',
      description: labelled(context, 'the operation did not end within its time.'),
    })
  }
  return {
    state: 'waiting',
    nextStepAt,
    retries,
    description: typeof description === 'string' ? labelled(context, description) : description,
  }
}

/** What the last poll said is out of date, if it was an answer that could not be used. */
function forgottenDoubt({ retries }: StepContext['operation']): null | undefined {
  return retries > 0 ? null : undefined
}

function succeeded(
  { operation, prepared, durations, now }: StepContext,
  result: unknown,
): StepResult {
  // Without the time of the call there is no duration to learn.
  if (operation.sentAt !== null)
    durations.learn(prepared.planId, operation.kind, now().getTime() - operation.sentAt.getTime())
  return { state: 'succeeded', result, description: forgottenDoubt(operation) }
}

async function collect(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open } = context
  const collected = await prepared.collect(open.backend, context.signal)
  if (collected === undefined && operation.retries >= context.times.retriesBeforeParking) {
    return failedAtProvider(context, {
      reason: 'provider_failed',
      description: labelled(context, 'it is there, but cannot be read.'),
    })
  }
  if (collected === undefined)
    return stillWaiting(context, nextPollInDoubt(context), operation.retries + 1)
  if ('failure' in collected)
    return failedAtProvider(context, {
      reason: 'protocol',
      description: labelled(context, collected.failure),
    })
  return succeeded(context, collected.result)
}

function failedAtProvider(context: StepContext, failure: Failure): StepResult {
  // OSB 2.17 "Orphan Mitigation": a failed create may have left something, so it is deleted.
  if (mitigatedKinds.includes(context.operation.kind))
    return { state: 'compensating', nextStepAt: context.now(), retries: 0, failure }
  return { state: 'failed', failure }
}
