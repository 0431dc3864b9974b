// How long to wait before the same call is sent to a provider again.

/** A longer Retry-After counts as this: a slip of a provider's clock must not stop an order for days. */
export const maxAskedMs = 3_600_000

/** What a provider asked for, within bounds: one that always says "at once" would be called without end. */
export function askedMs(retryAfterMs: number, pollMs: number): number {
  return Math.min(Math.max(retryAfterMs, Math.min(pollMs, 500)), maxAskedMs)
}

/** Each time twice as long as before, up to a limit; up to a tenth more, so that calls that failed together spread. */
export function backOffMs(retries: number, pollMs: number, maxMs: number): number {
  const ms = Math.min(pollMs * 2 ** Math.min(retries, 20), Math.max(maxMs, pollMs))
  return ms * (1 + 0.1 * Math.random())
}
