// Random choices that a seed repeats. The order in which the processes make them cannot be
// repeated.

export interface Random {
  /** From 0 up to but not including 1. */
  next(): number
  /** A whole number from 0 up to but not including `below`. */
  below(below: number): number
  /** Whether an event of this probability happens now. */
  chance(probability: number): boolean
  /** One of a non-empty list. */
  pick<T>(list: readonly T[]): T
  /** Another sequence, fixed by the same seed. */
  fork(): Random
}

/** Mulberry32: short, and random enough for choices. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error('There is nothing to choose from.')
      return found
    },
    fork: () => randomOf(below(2 ** 31)),
  }
}
