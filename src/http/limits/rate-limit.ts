/** Limits how many requests each key may send: so many per second on average, more in a burst. */
export interface RateLimit {
  /**
   * Counts one request of `key`, if it conforms.
   * @param nowMs  of a clock that never goes back
   * @returns 0 if it conforms, or else the milliseconds until the next one does
   */
  take(key: string, nowMs: number): number
}

export interface RateLimitOptions {
  readonly perSecond: number
  /** The burst: how many seconds' worth of requests may come at once. */
  readonly burstSeconds: number
  /**
   * 0: requests that do not conform are not counted. Otherwise each of them makes its key wait
   * longer, up to this.
   */
  readonly maxWaitMs?: number
}

// A forgotten key starts with a full burst, as does one that has sent nothing for long.
const maxKeys = 10_000

/**
 * The generic cell rate algorithm (GCRA), which stores one number per key: the theoretical arrival
 * time.
 */
export function createRateLimit({
  perSecond,
  burstSeconds,
  maxWaitMs = 0,
}: RateLimitOptions): RateLimit {
  const emissionIntervalMs = 1_000 / perSecond
  const burstOffsetMs = Math.max(burstSeconds * 1_000, emissionIntervalMs)
  const theoreticalArrivalTimes = new Map<string, number>()
  return {
    take(key, nowMs) {
      const known = theoreticalArrivalTimes.get(key)
      const theoreticalArrivalTime = Math.max(known ?? 0, nowMs) + emissionIntervalMs
      const earlyMs = theoreticalArrivalTime - burstOffsetMs - nowMs
      // Less than a millisecond is a rounding error of fractions.
      const waitMs = earlyMs < 1 ? 0 : earlyMs
      if (waitMs > 0 && maxWaitMs === 0) return waitMs
      // Deleted and set again, a key moves to the end of the map: forgetOldest keeps the active
      // ones.
      if (maxWaitMs > 0) theoreticalArrivalTimes.delete(key)
      if (known === undefined && theoreticalArrivalTimes.size >= maxKeys)
        forgetOldest(theoreticalArrivalTimes)
      const latest = nowMs + burstOffsetMs + maxWaitMs
      theoreticalArrivalTimes.set(key, Math.min(theoreticalArrivalTime, latest))
      return maxWaitMs === 0 ? waitMs : Math.min(waitMs, maxWaitMs)
    },
  }
}

function forgetOldest(theoreticalArrivalTimes: Map<string, number>): void {
  for (const key of theoreticalArrivalTimes.keys()) {
    theoreticalArrivalTimes.delete(key)
    return
  }
}
