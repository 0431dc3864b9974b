// How long to wait before the same call is sent to a provider again.

/** Caps Retry-After: a wrong clock at a provider must not stop an order for days. */
export const maxAskedMs = 3_600_000

/**
 * A provider's Retry-After within bounds: with 0 Kontor would call the provider in a tight loop.
 */
export function askedMs(retryAfterMs: number, pollMs: number): number {
  return Math.min(Math.max(retryAfterMs, Math.min(pollMs, 500)), maxAskedMs)
}

/**
 * Exponential back-off up to a limit, with up to a tenth of jitter, so that calls that failed
 * together do not come back together.
 */
export function backOffMs(retries: number, pollMs: number, maxMs: number): number {
  const ms = Math.min(pollMs * 2 ** Math.min(retries, 20), Math.max(maxMs, pollMs))
  return ms * (1 + 0.1 * Math.random())
}
