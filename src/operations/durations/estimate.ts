// An estimated duration, as a mean and a variance of logarithms: durations spread over orders of
// magnitude, and one that took ten times as long must not count ten times as much.

export interface Estimate {
  /** How many were ever seen. */
  readonly samples: number
  /** How many of them the estimate stands for. */
  readonly weight: number
  /** Of the natural logarithm of milliseconds. */
  readonly lnMean: number
  readonly lnVariance: number
}

/** What an operation of a plan and a kind usually takes. */
export interface Usual {
  readonly ms: number
  /** Standard deviation of the logarithm: 0.1 is about a tenth longer or shorter. */
  readonly spread: number
}

/**
 * Earlier durations count as at most so many, so that the estimate follows a provider that has
 * become faster or slower.
 */
export const maxKnown = 16
// Fewer samples give no estimate.
const minSamples = 3
// An outlier (Kontor was down, a person had to help) counts as four times the usual duration, or a
// quarter.
const maxDistance = Math.log(4)

export const sampleOf = (ms: number): Estimate => ({
  samples: 1,
  weight: 1,
  lnMean: Math.log(Math.max(ms, 1)),
  lnVariance: 0,
})

/** Limits how far an outlier is from what is known. */
export function limitOutlier(known: Estimate | undefined, sample: Estimate): Estimate {
  if (known === undefined || known.samples < minSamples) return sample
  const { lnMean } = known
  return {
    ...sample,
    lnMean: Math.min(Math.max(sample.lnMean, lnMean - maxDistance), lnMean + maxDistance),
  }
}

/** Merges two estimates; `before` fades. store.ts does the same in SQL. */
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

/** @returns undefined while too few samples are known */
export function usualOf(estimate: Estimate | undefined): Usual | undefined {
  if (estimate === undefined || estimate.samples < minSamples) return undefined
  return { ms: Math.exp(estimate.lnMean), spread: Math.sqrt(Math.max(estimate.lnVariance, 0)) }
}
