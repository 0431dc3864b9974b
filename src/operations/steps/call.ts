import type { Outcome } from '../../backends/backend.ts'
import type { StepContext } from '../context.ts'
import type { Operation } from '../operation.ts'
import type { Failure, StepResult } from '../step-result.ts'
import { isDelete, mitigatedKinds } from '../states.ts'
import { mayStillArrive } from '../in-doubt/in-doubt.ts'
import { labelled, nextPoll, inDoubtEnd, resendAt, retryLater } from './pace.ts'

/**
 * Ends, before its call, an order whose client has gone: one that timed out may have sent its
 * DELETE before the order was committed. That found nothing, so what the order makes would leak.
 * @returns undefined when the call is to be made. That of a delete always is: it may have taken
 *   over from the order of what it deletes
 */
export function endAbandoned(
  { kind }: Operation,
  client: { isAbandoned(): boolean },
): StepResult | undefined {
  if (isDelete(kind) || !client.isAbandoned()) return undefined
  return {
    state: 'failed',
    failure: {
      reason: 'abandoned',
      description: 'The caller went away before the provider was called; nothing was sent to it.',
    },
  }
}

/** Makes the call of the operation. */
export async function callBackend(context: StepContext): Promise<StepResult> {
  const { operation } = context
  const sentAt = context.now()
  // An order that waited through a long outage: its platform has given it up by now. A delete is
  // never too late.
  if (sentAt >= operation.deadlineAt && !isDelete(operation.kind))
    return {
      state: 'failed',
      failure: {
        reason: 'timeout',
        description: labelled(context, 'it could not be called within the time of the order.'),
      },
    }
  const outcome = await context.prepared.call(context.open.backend, context.signal)
  switch (outcome.kind) {
    case 'done':
      return { state: 'succeeded', result: outcome.result }
    case 'pending':
      return {
        state: 'waiting',
        result: outcome.result,
        upstreamOperation: outcome.operation,
        sentAt,
        nextStepAt: nextPoll(context, outcome.retryAfterSeconds, sentAt),
        // Counts on, so that a delete that is accepted and then unknown again and again is sent
        // ever more rarely.
        retries: isDelete(operation.kind) ? operation.retries : 0,
        // One that says why it is sent again is out of date.
        description: null,
      }
    case 'refused':
      return afterRefusal(context, outcome.refusal)
    case 'unknown':
      return afterDoubt(context, outcome)
    default:
      return outcome satisfies never
  }
}

function afterRefusal(
  context: StepContext,
  refusal: Extract<Outcome<unknown>, { kind: 'refused' }>['refusal'],
): StepResult {
  const { operation } = context
  const failure: Failure = { ...refusal, description: labelled(context, refusal.description) }
  const makesNew = mitigatedKinds.includes(operation.kind)
  // Kontor mints the ids and never reuses them, so the other resource is its own earlier attempt. A
  // platform that cannot wait gets an error, so then the resource must not stay.
  if (refusal.reason === 'conflict' && makesNew) {
    return {
      state: operation.acceptsIncomplete ? 'uncertain' : 'compensating',
      nextStepAt: context.now(),
      retries: 0,
      failure,
    }
  }
  // An unreadable 2xx: nothing is to be removed (ORPH-02), but a change or delete may have taken
  // effect.
  const isUnreadSuccess =
    refusal.reason === 'protocol' && refusal.status !== undefined && refusal.status < 300
  if (isUnreadSuccess && !makesNew)
    return { state: 'uncertain', nextStepAt: context.now(), retries: 0, failure }
  // "Busy" is no final refusal: an order that can wait does so, up to its deadline.
  const isBusy =
    (refusal.reason === 'rate_limited' && refusal.updateRepeatable !== false) ||
    (refusal.reason === 'concurrency' && !makesNew && operation.kind !== 'update')
  if (isBusy && operation.acceptsIncomplete && context.now() < operation.deadlineAt) {
    return {
      state: 'accepted',
      nextStepAt: resendAt(context, refusal.retryAfterSeconds),
      retries: operation.retries + 1,
      description: failure.description,
    }
  }
  return { state: 'failed', failure }
}

function afterDoubt(
  context: StepContext,
  outcome: Extract<Outcome<unknown>, { kind: 'unknown' }>,
): StepResult {
  const { operation } = context
  const failure: Failure = {
    reason: outcome.doubt === 'timeout' ? 'timeout' : 'provider_failed',
    description: labelled(context, outcome.description),
    status: outcome.status,
    ...outcome.refusal,
  }
  // OSB 2.17 "Orphan Mitigation": the resource may exist, so it is deleted before the order fails.
  // A look-up, as after a crash, could only find what the platform will take for failed.
  if (mitigatedKinds.includes(operation.kind)) {
    const inDoubtUntil = mayStillArrive(outcome.doubt, outcome.status)
      ? inDoubtEnd(context)
      : undefined
    return { state: 'compensating', nextStepAt: context.now(), retries: 0, failure, inDoubtUntil }
  }
  if (operation.kind === 'update')
    return { state: 'uncertain', nextStepAt: context.now(), retries: 0, failure }
  // A delete may be repeated. A platform that cannot wait gets an error and repeats it itself;
  // Kontor then only looks up what came of it.
  if (!operation.acceptsIncomplete)
    return { state: 'uncertain', nextStepAt: context.now(), retries: 0, failure }
  if (operation.retries < 8 && context.now() < operation.deadlineAt) {
    return {
      state: 'accepted',
      nextStepAt: retryLater(context),
      retries: operation.retries + 1,
      description: failure.description,
    }
  }
  return { state: 'failed', failure }
}
