interface Turn {
  /** Never fails. */
  readonly working: Promise<unknown>
  /** Until the work and the rest after it are over. */
  readonly running: Promise<unknown>
  next?: Promise<unknown>
  /** By performance.now(); undefined until the work has ended. */
  restsUntilMs: number | undefined
}

/**
 * Does one piece of work per key at a time. All that are asked for while one runs share the one
 * after it: a provider that has its catalog read a thousand times a second is read once after the
 * other, and holds the memory of one catalog. Work may be followed by a rest.
 */
export class Turns<Result> {
  readonly #turns = new Map<string, Turn>()
  readonly #rests = new Set<() => void>()
  #mayRest = true

  /** @param restMs  is called after this work; the next one begins so much later. Never fails */
  take(key: string, work: () => Promise<Result>, restMs: () => number = () => 0): Promise<Result> {
    const turn = this.#turns.get(key)
    if (turn === undefined) return this.#begin(key, work, restMs)
    turn.next ??= turn.running.then(() => this.#begin(key, work, restMs))
    return turn.next as Promise<Result>
  }

  /** How long the key still rests, in milliseconds, once the work that is under way has ended. */
  async restMs(key: string): Promise<number> {
    const turn = this.#turns.get(key)
    await turn?.working
    return Math.max(0, (turn?.restsUntilMs ?? 0) - performance.now())
  }

  /** Ends all rests; there are no more. For a process that stops. */
  endRests(): void {
    this.#mayRest = false
    for (const end of this.#rests) end()
  }

  #begin(key: string, work: () => Promise<Result>, restMs: () => number): Promise<Result> {
    const result = work()
    const working = result.catch(() => {})
    const turn: Turn = {
      working,
      restsUntilMs: undefined,
      running: working
        .then(() => this.#rest(turn, restMs()))
        .then(() => {
          if (turn.next === undefined) this.#turns.delete(key)
        }),
    }
    this.#turns.set(key, turn)
    return result
  }

  async #rest(turn: Turn, ms: number): Promise<void> {
    if (ms <= 0 || !this.#mayRest) return
    turn.restsUntilMs = performance.now() + ms
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms).unref()
    this.#rests.add(resolve)
    await promise
    clearTimeout(timer)
    this.#rests.delete(resolve)
    turn.restsUntilMs = undefined
  }
}
