import type { Pair } from '../measure.ts'
import type { Stage } from '../stage.ts'

export interface Row {
  readonly name: string
  /** What Kontor is compared with. */
  readonly against: string
  /** Where we want to be. */
  readonly wanted: number
  prepare(stage: Stage): Promise<Pair>
}
