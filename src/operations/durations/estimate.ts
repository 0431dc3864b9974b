// How long something takes, as a mean and a variance of logarithms: durations spread over orders of magnitude, and one
// that took ten times as long must not count ten times as much.

export interface Estimate {
  /** How many were ever seen. */
  readonly samples: number
  /** How many of them the figures stand for. */
  readonly weight: number
  /** Of the natural logarithm of milliseconds. */
  readonly lnMean: number
  readonly lnVariance: number
}

/** What an operation of a plan and a kind usually takes. */
export interface Usual {
  readonly ms: number
  /** By which factor of e most are shorter or longer: 0.1 is about a tenth. */
  readonly spread: number
}

/** What is known already stands for at most so many, so that a provider that has become faster or slower is followed. */
export const maxKnown = 16
// Fewer tell nothing.
const fewest = 3
// One that fits nothing seen so far (Kontor was down, a person had to help) counts as so many times the usual, or so small a part.
const farthest = Math.log(4)

export const sampleOf = (ms: number): Estimate => ({
  samples: 1,
  weight: 1,
  lnMean: Math.log(Math.max(ms, 1)),
  lnVariance: 0,
})

/** `sample`, not farther from what is known than an outlier may count. */
export function tamed(known: Estimate | undefined, sample: Estimate): Estimate {
  if (known === undefined || known.samples < fewest) return sample
  const { lnMean } = known
  return {
    ...sample,
    lnMean: Math.min(Math.max(sample.lnMean, lnMean - farthest), lnMean + farthest),
  }
}

/** Two estimates as one; `before` fades. store.ts says the same in SQL. */
export function merged(before: Estimate | undefined, fresh: Estimate): Estimate {
  if (before === undefined) return fresh
  const kept = Math.min(before.weight, maxKnown)
  const weight = kept + fresh.weight
  const apart = fresh.lnMean - before.lnMean
  return {
    samples: before.samples + fresh.samples,
    weight,
    lnMean: (kept * before.lnMean + fresh.weight * fresh.lnMean) / weight,
    lnVariance:
      (kept * before.lnVariance +
        fresh.weight * fresh.lnVariance +
        ((kept * fresh.weight) / weight) * apart ** 2) /
      weight,
  }
}

/** @returns undefined while too few have been seen to say anything */
export function usualOf(estimate: Estimate | undefined): Usual | undefined {
  if (estimate === undefined || estimate.samples < fewest) return undefined
  return { ms: Math.exp(estimate.lnMean), spread: Math.sqrt(Math.max(estimate.lnVariance, 0)) }
}
