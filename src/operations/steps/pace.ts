import type { StepContext } from '../context.ts'

/** When to ask again: when the provider says, else after the usual time. */
export function later (context: StepContext, retryAfterSeconds: number | undefined): Date {
  const { pollMs } = context.times
  // "At once" is not taken at its word: a provider that always says so would be asked without end.
  const ms = retryAfterSeconds === undefined ? pollMs : Math.max(retryAfterSeconds * 1_000, Math.min(pollMs, 500))
  return new Date(context.now().getTime() + ms)
}

/** When to try the same thing again: each time twice as long as before, up to a limit. */
export function retryLater (context: StepContext): Date {
  const ms = Math.min(context.times.pollMs * 2 ** Math.min(context.operation.tries, 20), context.times.longestRetryMs)
  return new Date(context.now().getTime() + ms)
}

/** Until when a call that has just been given up may still arrive. */
export function quietEnd (context: StepContext): Date {
  return new Date(context.now().getTime() + context.times.quietMs)
}

/** A sentence of the provider's, with its name before it, so that the user knows who speaks. */
export function labelled (context: StepContext, description: string): string {
  return `${context.open.label}: ${description}`
}
