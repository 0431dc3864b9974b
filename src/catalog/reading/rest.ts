/** What a reading has taken from others. */
export interface Effort {
  /** That arrived, whatever came of them. */
  bytes: number
  /** From the request to the publication. */
  tookMs: number
}

export interface RestLimits {
  /** There is no rest after a catalog of at most so many bytes. */
  readonly smallBytes: number
  /** A rest is so many times as long as the reading, within `minMs` and `maxMs`. */
  readonly ratio: number
  readonly minMs: number
  readonly maxMs: number
  /** A reading that begins so soon after the rest before doubles its own. */
  readonly rowMs: number
}

/**
 * After a large catalog its provider has to wait, so that its readings take a small part of the
 * time: orders may ask for a reading each, and a thread of low priority still has a processor for
 * milliseconds before others get it back, uses memory bandwidth, and publishes in Postgres.
 */
export const usualRest: RestLimits = {
  smallBytes: 131_072,
  ratio: 9,
  minMs: 2_000,
  maxMs: 60_000,
  rowMs: 60_000,
}

interface Row {
  readonly readings: number
  /** By performance.now(). */
  readonly restsUntilMs: number
}

// An entry is only of use for a while after the rest.
const maxEntries = 1_000

/** How long providers rest. */
export class Rests {
  readonly #limits: RestLimits
  /** By provider: the large readings that followed each other. */
  readonly #rows = new Map<string, Row>()

  constructor(limits: RestLimits) {
    this.#limits = limits
  }

  /** How long a provider rests after a reading that has just ended, in milliseconds. */
  after(providerId: string, { bytes, tookMs }: Effort): number {
    const { smallBytes, ratio, minMs, maxMs, rowMs } = this.#limits
    if (bytes <= smallBytes) return 0
    const nowMs = performance.now()
    if (this.#rows.size >= maxEntries) this.#forget(nowMs - rowMs)
    const before = this.#rows.get(providerId)
    const isInRow = before !== undefined && nowMs - tookMs <= before.restsUntilMs + rowMs
    const readings = isInRow ? before.readings + 1 : 1
    const restMs = Math.min(maxMs, Math.max(minMs, ratio * tookMs) * 2 ** (readings - 1))
    this.#rows.set(providerId, { readings, restsUntilMs: nowMs + restMs })
    return restMs
  }

  #forget(endedBeforeMs: number): void {
    for (const [id, { restsUntilMs }] of this.#rows)
      if (restsUntilMs < endedBeforeMs) this.#rows.delete(id)
  }
}
