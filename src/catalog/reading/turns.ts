interface Turn {
  readonly running: Promise<unknown>
  /** Begins when `running` has ended. */
  next?: Promise<unknown>
}

/**
 * Does one piece of work per key at a time. All that are asked for while one runs share the one
 * after it: a provider that has its catalog read a thousand times a second is read once after the
 * other, and holds the memory of one catalog.
 */
export class Turns<Result> {
  readonly #turns = new Map<string, Turn>()

  take(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turns.get(key)
    if (turn === undefined) return this.#begin(key, work)
    turn.next ??= turn.running.then(() => this.#begin(key, work))
    return turn.next as Promise<Result>
  }

  #begin(key: string, work: () => Promise<Result>): Promise<Result> {
    const result = work()
    const turn: Turn = {
      running: result
        .catch(() => {})
        .then(() => {
          if (turn.next === undefined) this.#turns.delete(key)
        }),
    }
    this.#turns.set(key, turn)
    return result
  }
}
