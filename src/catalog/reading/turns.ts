interface Turn {
  /** Until the work and the rest after it are over. */
  readonly running: Promise<unknown>
  /** Begins when `running` has ended. */
  next?: Promise<unknown>
}

/**
 * Does one piece of work per key at a time. All that are asked for while one runs share the one
 * after it: a provider that has its catalog read a thousand times a second is read once after the
 * other, and holds the memory of one catalog. Work may be followed by a rest.
 */
export class Turns<Result> {
  readonly #turns = new Map<string, Turn>()

  /** @param rest  is called after this work; the next one begins when it is over. Never fails */
  take(
    key: string,
    work: () => Promise<Result>,
    rest: () => Promise<void> = async () => {},
  ): Promise<Result> {
    const turn = this.#turns.get(key)
    if (turn === undefined) return this.#begin(key, work, rest)
    turn.next ??= turn.running.then(() => this.#begin(key, work, rest))
    return turn.next as Promise<Result>
  }

  #begin(key: string, work: () => Promise<Result>, rest: () => Promise<void>): Promise<Result> {
    const result = work()
    const turn: Turn = {
      running: result
        .catch(() => {})
        .then(rest)
        .then(() => {
          if (turn.next === undefined) this.#turns.delete(key)
        }),
    }
    this.#turns.set(key, turn)
    return result
  }
}
