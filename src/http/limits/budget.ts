/** How much each of many may send: so many a second on average, with a store for bursts. */
export interface Budget {
  /**
   * Takes one from what `key` has left.
   * @param nowMs  of a clock that never goes back
   * @returns milliseconds until one would be there again; 0 when it was taken
   */
  take(key: string, nowMs: number): number
}

export interface BudgetOptions {
  readonly perSecond: number
  /** How many seconds' worth can be saved up. */
  readonly burstSeconds: number
  /** Whoever goes on without anything left goes on waiting for longer, up to this; 0: what was refused is not counted. */
  readonly longestMs?: number
}

// Whoever was not seen for long has a full store, and so has he who is forgotten.
const mostKeys = 10_000

/** One number for each key (GCRA): until when its past requests keep it busy at the pace that it may go. */
export function createBudget({ perSecond, burstSeconds, longestMs = 0 }: BudgetOptions): Budget {
  const each = 1_000 / perSecond
  const room = Math.max(burstSeconds * 1_000, each)
  const busyUntil = new Map<string, number>()
  return {
    take(key, nowMs) {
      const known = busyUntil.get(key)
      const until = Math.max(known ?? 0, nowMs) + each
      const tooEarlyMs = until - room - nowMs
      // Numbers with a fraction are not exact: less than a millisecond is nothing.
      const waitMs = tooEarlyMs < 1 ? 0 : tooEarlyMs
      if (waitMs > 0 && longestMs === 0) return waitMs
      // The oldest goes when there are too many: those that are seen again and again are kept by being put in anew.
      if (longestMs > 0) busyUntil.delete(key)
      if (known === undefined && busyUntil.size >= mostKeys) forgetOldest(busyUntil)
      busyUntil.set(key, Math.min(until, nowMs + room + longestMs))
      return longestMs === 0 ? waitMs : Math.min(waitMs, longestMs)
    },
  }
}

function forgetOldest(busyUntil: Map<string, number>): void {
  for (const key of busyUntil.keys()) {
    busyUntil.delete(key)
    return
  }
}
