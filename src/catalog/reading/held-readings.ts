type Listener = () => void

/** Which providers this process is reading the catalog of at an origin without approval. */
export class HeldReadings {
  readonly #reading = new Set<string>()
  readonly #listeners = new Map<string, Set<Listener>>()

  /** Does such a reading, after it has released those who wait by `unlessHeld`. */
  async during<Result>(providerId: string, read: () => Promise<Result>): Promise<Result> {
    this.#reading.add(providerId)
    for (const release of this.#listeners.get(providerId) ?? []) release()
    try {
      return await read()
    } finally {
      this.#reading.delete(providerId)
    }
  }

  /**
   * Waits for `result`, but not for a reading at an origin without approval.
   * @returns undefined as soon as there is such a reading; `result` goes on
   */
  async unlessHeld<Result>(
    providerId: string,
    result: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const { promise: held, resolve } = Promise.withResolvers<undefined>()
    const release = () => resolve(undefined)
    const listeners = this.#listeners.get(providerId) ?? new Set()
    this.#listeners.set(providerId, listeners.add(release))
    if (this.#reading.has(providerId)) release()
    try {
      return await Promise.race([held, result()])
    } finally {
      listeners.delete(release)
      if (listeners.size === 0) this.#listeners.delete(providerId)
    }
  }
}
