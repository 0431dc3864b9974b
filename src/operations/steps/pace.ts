import { askedMs, backOffMs } from '../../providers/back-off.ts'
import type { StepContext } from '../context.ts'
import { waitMs } from './wait.ts'

/**
 * When to poll next: when the provider says, else by how long the operation has taken and usually
 * takes. Never after the deadline: the last poll is at the deadline.
 */
export function nextPoll(
  context: StepContext,
  retryAfterSeconds: number | undefined,
  sentAt = context.operation.sentAt,
): Date {
  const { operation, prepared, times, durations } = context
  const now = context.now().getTime()
  const ms = waitMs({
    elapsedMs: Math.max(now - (sentAt ?? operation.createdAt).getTime(), 0),
    retryAfterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000,
    usual: durations.usual(prepared.planId, operation.kind),
    floorMs: times.pollMs,
    capMs: times.maxPollMs,
    random: Math.random(),
  })
  return new Date(Math.min(now + ms, operation.deadlineAt.getTime()))
}

/** When to poll after an answer that says nothing about the operation: with growing waits. */
export function nextPollInDoubt(context: StepContext): Date {
  const { operation, times } = context
  const ms = backOffMs(operation.retries, times.pollMs, times.maxPollMs)
  return new Date(Math.min(context.now().getTime() + ms, operation.deadlineAt.getTime()))
}

/** When to send the same request again: when the provider says, else after the usual wait. */
export function resendAt(context: StepContext, retryAfterSeconds: number | undefined): Date {
  const { pollMs } = context.times
  const now = context.now().getTime()
  const ms = retryAfterSeconds === undefined ? pollMs : askedMs(retryAfterSeconds * 1_000, pollMs)
  const deadline = context.operation.deadlineAt.getTime()
  return new Date(deadline > now ? Math.min(now + ms, deadline) : now + ms)
}

/** When to repeat a step: each time after twice the wait, up to a limit. */
export function retryLater(context: StepContext): Date {
  const { pollMs, maxRetryMs } = context.times
  const ms = backOffMs(context.operation.retries, pollMs, maxRetryMs)
  return new Date(context.now().getTime() + ms)
}

/** Until when a call that got no answer may still arrive. */
export function inDoubtEnd(context: StepContext): Date {
  return new Date(context.now().getTime() + context.times.inDoubtMs)
}

/**
 * A description with the provider's name before it, so that the user knows whose words they are.
 */
export function labelled(context: StepContext, description: string): string {
  return `${context.open.label}: ${description}`
}

/**
 * Up to half as long again, so that operations rescheduled together do not all return at once. Ids
 * end with random digits.
 */
export function spread(id: string, ms: number): number {
  return ms + ((ms / 2) * parseInt(id.slice(-4), 16)) / 0x1_0000
}
