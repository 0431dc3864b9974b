import type { NoAnswer } from '../backends/backend.ts'
import { createCoverage, type Coverage } from './coverage.ts'
import { nameOf, type FindingKind, type Suspicion } from './finding.ts'
import type { OpenBefore } from './open-before.ts'
import { RunFailure, type Counts } from './run.ts'

/** What a run has seen so far. Nothing of it is written before the run is through. */
export interface Survey {
  readonly isByListing: boolean
  readonly suspicions: ReadonlyMap<string, Suspicion>
  readonly coverage: Coverage
  counts(): Counts
  /** The provider has a thing of ours, and in these fields it is the same. */
  judged(thing: Parameters<Coverage['seen']>[0], agreed: readonly string[]): void
  suspect(suspicion: Suspicion): void
  /** It has turned out to be none. */
  drop(suspicion: Suspicion): void
  skipped(): void
  /** Not asked for, because the provider seems to be down. */
  unasked(): void
  /** @throws RunFailure when the provider seems to be down: there is no sense in asking on; never by listing */
  unclear(description: string, noAnswer?: NoAnswer): void
  /** Whether the provider seems to be down. */
  isSilent(): boolean
  /** @throws RunFailure when not one answer was of use */
  end(): void
}

/** Of each kind. Strangers, of which a provider may list any number, take nothing from what is told of things of ours. */
const maxNew = 10_000
// One thing that a provider cannot tell of is not the provider's end; so many in a row are.
const maxUnansweredInARow = 5

export function createSurvey(isByListing: boolean, open: OpenBefore): Survey {
  const suspicions = new Map<string, Suspicion>()
  const coverage = createCoverage(open)
  const told = { instance: new Set<string>(), binding: new Set<string>() }
  const news: Record<FindingKind, number> = { missing: 0, unknown: 0, different: 0 }
  let [skipped, unclear, leftOut, inARow] = [0, 0, 0, 0]
  let last = ''
  return {
    isByListing,
    suspicions,
    coverage,
    counts: () => ({
      instancesChecked: told.instance.size,
      bindingsChecked: told.binding.size,
      skipped,
      unclear,
      leftOut,
    }),
    judged(thing, agreed) {
      inARow = 0
      told[thing.object].add(thing.upstreamId)
      coverage.seen(thing, agreed)
    },
    suspect(suspicion) {
      inARow = 0
      if (suspicion.ours !== undefined) told[suspicion.object].add(suspicion.upstreamId)
      // A provider may list a thing twice. What is open already has its place.
      const name = nameOf(suspicion)
      const isNew = !suspicions.has(name) && !open.fields.has(name)
      if (isNew && news[suspicion.kind] >= maxNew) leftOut++
      else {
        if (isNew) news[suspicion.kind]++
        suspicions.set(name, suspicion)
      }
    },
    drop(suspicion) {
      const name = nameOf(suspicion)
      if (suspicions.delete(name) && !open.fields.has(name)) news[suspicion.kind]--
    },
    skipped() {
      inARow = 0
      skipped++
    },
    unasked() {
      unclear++
    },
    unclear(description, noAnswer) {
      unclear++
      last = description
      // An error is an answer: the provider is there, and may tell of the next.
      inARow = noAnswer === undefined || noAnswer === 'server_error' ? 0 : inARow + 1
      if (!isByListing && inARow >= maxUnansweredInARow)
        throw new RunFailure(
          `The provider could not be asked ${inARow} times in a row, the last time: ${last}`,
        )
    },
    isSilent: () => inARow >= maxUnansweredInARow,
    end() {
      if (!isByListing && unclear > 0 && told.instance.size + told.binding.size + skipped === 0)
        throw new RunFailure(`The provider gave no usable answer: ${last}`)
    },
  }
}
