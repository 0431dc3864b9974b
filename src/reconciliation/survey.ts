import type { NoAnswer } from '../backends/backend.ts'
import { createCoverage, type Coverage } from './coverage.ts'
import { nameOf, type FindingKind, type Suspicion } from './finding.ts'
import type { OpenBefore } from './open-before.ts'
import { RunFailure, type Counts } from './run.ts'

/** What a run has found so far. Nothing of it is written before the run ends. */
export interface Survey {
  readonly isByListing: boolean
  readonly suspicions: ReadonlyMap<string, Suspicion>
  readonly coverage: Coverage
  counts(): Counts
  /** The provider has it, with the same values in these fields. */
  judged(thing: Parameters<Coverage['seen']>[0], agreed: readonly string[]): void
  suspect(suspicion: Suspicion): void
  /** The suspicion was wrong. */
  drop(suspicion: Suspicion): void
  skipped(): void
  /** Not asked, because the provider seems to be down. */
  unasked(): void
  /**
   *
   * @throws RunFailure when the provider seems to be down, so that more questions are useless;
   *   never by listing
   */
  unclear(description: string, noAnswer?: NoAnswer): void
  /** Whether the provider seems to be down. */
  isSilent(): boolean
  /** @throws RunFailure when no answer was usable */
  end(): void
}

/**
 * Of each kind, so that a long list of unknown instances cannot displace findings on Kontor's own.
 */
const maxNew = 10_000
// One question without an answer does not mean that the provider is down; so many in a row do.
const maxUnansweredInARow = 5

export function createSurvey(isByListing: boolean, open: OpenBefore): Survey {
  const suspicions = new Map<string, Suspicion>()
  const coverage = createCoverage(open)
  const checked = { instance: new Set<string>(), binding: new Set<string>() }
  const news: Record<FindingKind, number> = { missing: 0, unknown: 0, different: 0 }
  let [skipped, unclear, leftOut, inARow] = [0, 0, 0, 0]
  let last = ''
  return {
    isByListing,
    suspicions,
    coverage,
    counts: () => ({
      instancesChecked: checked.instance.size,
      bindingsChecked: checked.binding.size,
      skipped,
      unclear,
      leftOut,
    }),
    judged(thing, agreed) {
      inARow = 0
      checked[thing.object].add(thing.upstreamId)
      coverage.seen(thing, agreed)
    },
    suspect(suspicion) {
      inARow = 0
      if (suspicion.ours !== undefined) checked[suspicion.object].add(suspicion.upstreamId)
      // A provider may list a thing twice; a finding that is open already does not count as new.
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
      // An error is an answer: the provider is up, and may answer the next question.
      inARow = noAnswer === undefined || noAnswer === 'server_error' ? 0 : inARow + 1
      if (!isByListing && inARow >= maxUnansweredInARow)
        throw new RunFailure(
          `The provider gave no answer ${inARow} times in a row, the last time: ${last}`,
        )
    },
    isSilent: () => inARow >= maxUnansweredInARow,
    end() {
      if (
        !isByListing &&
        unclear > 0 &&
        checked.instance.size + checked.binding.size + skipped === 0
      )
        throw new RunFailure(`The provider gave no usable answer: ${last}`)
    },
  }
}
