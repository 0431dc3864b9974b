import type { StepContext } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { Failure, StepResult } from '../step-result.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import { labelled, nextPoll, inDoubtEnd, retryLater } from './pace.ts'

const maxRetries = 8
// Fewer: the instance is blocked meanwhile, and the platform repeats its delete anyway.
const maxRetriesOfFailedDelete = 3

/** Finds out at the provider whether a call without an answer took effect. */
export async function lookUp(context: StepContext): Promise<StepResult> {
  const { operation, prepared, open } = context
  const found = await prepared.lookUp(open.backend, context.signal)
  switch (found.kind) {
    case 'took_effect':
      return { state: 'succeeded', result: found.result }
    case 'still_running':
      return { state: 'waiting', nextStepAt: nextPoll(context, undefined), retries: 0 }
    case 'no_effect':
      return withoutEffect(context, found.description)
    case 'cannot_tell':
      if (
        operation.retries < (isReportedAsFailed(operation) ? maxRetriesOfFailedDelete : maxRetries)
      )
        return {
          state: 'uncertain',
          nextStepAt: retryLater(context),
          retries: operation.retries + 1,
        }
      return withoutEffect(context, found.description)
    default:
      return found satisfies never
  }
}

// The platform could not wait and got an error for its delete: it must not take effect later.
function isReportedAsFailed({ kind, acceptsIncomplete, description }: Operation): boolean {
  return isDelete(kind) && !acceptsIncomplete && description !== null
}

function withoutEffect(context: StepContext, description: string): StepResult {
  const { operation } = context
  // The first answer says more than the look-up.
  const failure: Failure = {
    reason: 'provider_failed',
    description: operation.description ?? labelled(context, description),
  }
  // The call may still arrive, so Kontor removes what it may create even if nothing exists yet.
  if (mitigatedKinds.includes(operation.kind))
    return {
      state: 'compensating',
      nextStepAt: context.now(),
      retries: 0,
      failure,
      inDoubtUntil: inDoubtEnd(context),
    }
  if (operation.kind === 'update' || isReportedAsFailed(operation))
    return { state: 'failed', failure }
  // A delete can be repeated.
  return { state: 'accepted', nextStepAt: context.now(), retries: operation.retries + 1 }
}
