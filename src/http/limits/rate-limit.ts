/** How much each of many may send: so many a second on average, with a store for bursts. */
export interface RateLimit {
  /**
   * Takes one from what `key` has left.
   * @param nowMs  of a clock that never goes back
   * @returns milliseconds until one would be there again; 0 when it was taken
   */
  take(key: string, nowMs: number): number
}

export interface RateLimitOptions {
  readonly perSecond: number
  /** How many seconds' worth can be saved up. */
  readonly burstSeconds: number
  /** Whoever goes on without anything left goes on waiting for longer, up to this; 0: what was refused is not counted. */
  readonly maxMs?: number
}

// Whoever was not seen for long has a full store, and so has he who is forgotten.
const maxKeys = 10_000

/** One number for each key (GCRA): until when its past requests keep it busy at the pace that it may go. */
export function createRateLimit({
  perSecond,
  burstSeconds,
  maxMs = 0,
}: RateLimitOptions): RateLimit {
  const emissionIntervalMs = 1_000 / perSecond
  const burstOffsetMs = Math.max(burstSeconds * 1_000, emissionIntervalMs)
  const theoreticalArrivalTimes = new Map<string, number>()
  return {
    take(key, nowMs) {
      const known = theoreticalArrivalTimes.get(key)
      const until = Math.max(known ?? 0, nowMs) + emissionIntervalMs
      const tooEarlyMs = until - burstOffsetMs - nowMs
      // Numbers with a fraction are not exact: less than a millisecond is nothing.
      const waitMs = tooEarlyMs < 1 ? 0 : tooEarlyMs
      if (waitMs > 0 && maxMs === 0) return waitMs
      // The oldest goes when there are too many: those that are seen again and again are kept by being put in anew.
      if (maxMs > 0) theoreticalArrivalTimes.delete(key)
      if (known === undefined && theoreticalArrivalTimes.size >= maxKeys)
        forgetOldest(theoreticalArrivalTimes)
      theoreticalArrivalTimes.set(key, Math.min(until, nowMs + burstOffsetMs + maxMs))
      return maxMs === 0 ? waitMs : Math.min(waitMs, maxMs)
    },
  }
}

function forgetOldest(theoreticalArrivalTimes: Map<string, number>): void {
  for (const key of theoreticalArrivalTimes.keys()) {
    theoreticalArrivalTimes.delete(key)
    return
  }
}
