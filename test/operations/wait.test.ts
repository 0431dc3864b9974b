// How long to wait before the next poll: a pure function, tested by properties.
import fc from 'fast-check'
import t from 'tap'
import {
  merged,
  maxKnown,
  sampleOf,
  limitOutlier,
  usualOf,
  type Estimate,
} from '../../src/operations/durations/estimate.ts'
import { durationText } from '../../src/operations/reports/progress-message.ts'
import { waitMs, type Situation } from '../../src/operations/steps/wait.ts'
import { maxAskedMs } from '../../src/providers/back-off.ts'

const ms = fc.double({ min: 0, max: 1e9, noNaN: true })
const usual = fc.record({
  ms: fc.double({ min: 1, max: 1e9, noNaN: true }),
  spread: fc.double({ min: 0, max: 20, noNaN: true }),
})
const situation = fc.record<Situation>({
  elapsedMs: ms,
  usual: fc.option(usual, { nil: undefined }),
  floorMs: fc.integer({ min: 100, max: 3_600_000 }),
  capMs: fc.integer({ min: 1_000, max: 3_600_000 }),
  random: fc.double({ min: 0, max: 1, noNaN: true }),
})

t.test('a provider is polled no earlier than its Retry-After, and not much later', async () => {
  fc.assert(
    fc.property(situation, fc.integer({ min: 1, max: maxAskedMs / 1_000 }), (known, seconds) => {
      const wait = waitMs({ ...known, retryAfterMs: seconds * 1_000 })
      return wait >= seconds * 1_000 && wait <= seconds * 1_000 + 100
    }),
  )
})

t.test('an absurd Retry-After is bounded', async (t) => {
  fc.assert(
    fc.property(
      situation,
      fc.constantFrom(0, -1, -Infinity, NaN),
      (known, askedMs) => waitMs({ ...known, retryAfterMs: askedMs }) === waitMs(known),
    ),
  )
  fc.assert(
    fc.property(situation, fc.constantFrom(31_536_000_000, 1e15, Infinity), (known, askedMs) => {
      const wait = waitMs({ ...known, retryAfterMs: askedMs })
      return wait >= maxAskedMs && wait <= maxAskedMs + 100
    }),
  )
  t.ok(
    waitMs({ elapsedMs: 0, floorMs: 2_000, capMs: 60_000, random: 0, retryAfterMs: 1 }) >= 500,
    'a fraction of a second is not taken at its word',
  )
})

t.test(
  'without a Retry-After, a wait is between the floor and the cap, plus at most a tenth',
  async () => {
    fc.assert(
      fc.property(situation, (known) => {
        const wait = waitMs(known)
        return wait >= known.floorMs && wait <= Math.max(known.capMs, known.floorMs) * 1.1
      }),
    )
  },
)

t.test('the wait grows with the time that has passed, while nothing is learned', async () => {
  fc.assert(
    fc.property(
      situation,
      ms,
      (known, more) =>
        waitMs({ ...known, usual: undefined, elapsedMs: known.elapsedMs + more }) >=
        waitMs({ ...known, usual: undefined }),
    ),
  )
})

/** Polls until the operation has ended. */
function watch(
  durationMs: number,
  known: Pick<Situation, 'usual' | 'floorMs' | 'capMs'>,
  random: () => number,
): { polls: number; lagMs: number } {
  let elapsedMs = 0
  let polls = 0
  while (elapsedMs < durationMs) {
    elapsedMs += waitMs({ ...known, elapsedMs, random: random() })
    polls++
  }
  return { polls, lagMs: elapsedMs - durationMs }
}

t.test('the end is seen soon, and a long operation costs few polls', async () => {
  const durations = fc.double({ min: 1_000, max: 3_600_000, noNaN: true })
  const factor = fc.double({ min: 0.5, max: 2, noNaN: true })
  fc.assert(
    fc.property(
      durations,
      fc.option(factor, { nil: undefined }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (durationMs, wrongBy, random) => {
        const learned =
          wrongBy === undefined ? undefined : { ms: durationMs * wrongBy, spread: 0.2 }
        const { polls, lagMs } = watch(
          durationMs,
          { usual: learned, floorMs: 2_000, capMs: 60_000 },
          () => random,
        )
        const most = wrongBy === undefined ? 0.11 : Math.max(0.11, wrongBy * 0.37)
        return (
          lagMs <= Math.max(2_200, Math.min(durationMs * most, 66_000)) &&
          polls <= 48 + durationMs / 60_000
        )
      },
    ),
  )
})

t.test(
  'after learning, an operation of ten seconds to five minutes that takes what it usually takes costs eleven polls at most',
  async () => {
    fc.assert(
      fc.property(
        fc.double({ min: 10_000, max: 300_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (durationMs, random) => {
          const { polls, lagMs } = watch(
            durationMs,
            { usual: { ms: durationMs, spread: 0.05 }, floorMs: 1_000, capMs: 60_000 },
            () => random,
          )
          return polls <= 11 && lagMs <= durationMs * 0.12
        },
      ),
    )
  },
)

const learn = (all: readonly number[], from?: Estimate) =>
  all.reduce<Estimate | undefined>(
    (known, each) => merged(known, limitOutlier(known, sampleOf(each))),
    from,
  )
const near = (value: number | undefined, expected: number, part: number) =>
  Math.abs((value ?? NaN) / expected - 1) <= part

t.test('the estimate is the usual duration', async (t) => {
  t.equal(usualOf(learn([60_000, 60_000])), undefined, 'two tell nothing')
  t.ok(near(usualOf(learn([50_000, 60_000, 70_000]))?.ms, 60_000, 0.05))
  const steady = learn(Array.from({ length: 100 }, () => 60_000))
  t.equal(steady?.samples, 100)
  t.ok((steady?.weight ?? 0) <= maxKnown + 1, 'the old fades')
  t.ok(
    near(usualOf(learn([7_200_000], steady))?.ms, 60_000, 0.1),
    'one that took two hours hardly counts',
  )
  t.ok(
    near(
      usualOf(
        learn(
          Array.from({ length: 60 }, () => 600_000),
          steady,
        ),
      )?.ms,
      600_000,
      0.1,
    ),
    'the estimate follows a provider that has become ten times slower',
  )
})

t.test('what several processes have learned adds up in any order', async () => {
  const some = fc.array(fc.double({ min: 1_000, max: 100_000, noNaN: true }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(some, some, (one, other) => {
      const [a, b] = [one, other].map((all) => all.map(sampleOf).reduce(merged))
      if (a === undefined || b === undefined) return false
      const [ab, ba] = [merged(a, b), merged(b, a)]
      return (
        ab.samples === one.length + other.length &&
        near(Math.exp(ab.lnMean), Math.exp(ba.lnMean), 1e-9) &&
        Math.abs(ab.lnVariance - ba.lnVariance) < 1e-9
      )
    }),
  )
})

t.test('durations in words', async (t) => {
  const s = 1_000,
    m = 60 * s,
    h = 60 * m,
    d = 24 * h
  const words: ReadonlyArray<readonly [number, string]> = [
    [1, 'a few seconds'],
    [7 * s, 'a few seconds'],
    [8 * s, 'about 10 seconds'],
    [43 * s, 'about 45 seconds'],
    [58 * s, 'about a minute'],
    [89 * s, 'about a minute'],
    [91 * s, 'about 2 minutes'],
    [7.4 * m, 'about 7 minutes'],
    [11 * m, 'about 10 minutes'],
    [57 * m, 'about 55 minutes'],
    [60 * m, 'about an hour'],
    [89 * m, 'about an hour'],
    [2.6 * h, 'about 3 hours'],
    [35 * h, 'about 35 hours'],
    [37 * h, 'about 2 days'],
    [6.7 * d, 'about 7 days'],
  ]
  for (const [duration, text] of words) t.equal(durationText(duration), text)
})
