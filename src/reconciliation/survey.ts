import { nameOf, type ObjectKind, type Suspicion } from './finding.ts'
import { RunFailure, type Counts } from './run.ts'

/** What a run has seen so far. Nothing of it is written before the run is through. */
export interface Survey {
  readonly suspicions: ReadonlyMap<string, Suspicion>
  counts (): Counts
  /** Whether the provider told of it, well or ill. */
  isJudged (object: ObjectKind, upstreamId: string): boolean
  judged (object: ObjectKind, upstreamId: string): void
  suspect (suspicion: Suspicion): void
  skipped (): void
  /** @throws RunFailure when the provider seems to be down: there is no sense in asking on */
  unclear (description: string): void
  /** @throws RunFailure when not one answer was of use */
  end (): void
}

const mostSuspicions = 10_000
// One thing that a provider cannot tell of is not the provider's end; so many in a row are.
const mostUnclearInARow = 5

export function createSurvey (): Survey {
  const suspicions = new Map<string, Suspicion>()
  const judged = { instance: new Set<string>(), binding: new Set<string>() }
  let [skipped, unclear, leftOut, inARow] = [0, 0, 0, 0]
  let last = ''
  return {
    suspicions,
    counts: () => ({ instancesChecked: judged.instance.size, bindingsChecked: judged.binding.size, skipped, unclear, leftOut }),
    isJudged: (object, upstreamId) => judged[object].has(upstreamId),
    judged (object, upstreamId) {
      inARow = 0
      judged[object].add(upstreamId)
    },
    suspect (suspicion) {
      // A provider may list a thing twice.
      const name = nameOf(suspicion)
      if (suspicions.size < mostSuspicions || suspicions.has(name)) suspicions.set(name, suspicion)
      else leftOut++
    },
    skipped () {
      inARow = 0
      skipped++
    },
    unclear (description) {
      unclear++
      inARow++
      last = description
      if (inARow >= mostUnclearInARow) throw new RunFailure(`The provider could not be asked ${inARow} times in a row, the last time: ${description}`)
    },
    end () {
      if (unclear > 0 && judged.instance.size + judged.binding.size + skipped === 0) throw new RunFailure(`The provider gave no usable answer: ${last}`)
    }
  }
}
