import { setTimeout as delay } from 'node:timers/promises'

/** What a reading has taken from others. */
export interface Effort {
  /** Of the answer. */
  bytes: number
  /** From the request to the publication. */
  tookMs: number
}

export interface RestLimits {
  /** There is no rest after a catalog of at most so many bytes. */
  readonly smallBytes: number
  /** A rest is so many times as long as the reading. */
  readonly ratio: number
  readonly maxMs: number
}

/**
 * After a large catalog its provider has to wait, so that its readings take at most a tenth of the
 * time: orders may ask for a reading each, and a thread of low priority still has a processor for
 * milliseconds before others get it back, uses memory bandwidth, and publishes in Postgres.
 */
export const usualRest: RestLimits = { smallBytes: 131_072, ratio: 9, maxMs: 10_000 }

/** Ends early when the signal aborts. */
export async function restAfter(
  { bytes, tookMs }: Effort,
  { smallBytes, ratio, maxMs }: RestLimits,
  signal: AbortSignal,
): Promise<void> {
  if (bytes <= smallBytes) return
  await delay(Math.min(maxMs, ratio * tookMs), undefined, { ref: false, signal }).catch(() => {})
}
