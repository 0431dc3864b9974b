import type { Backend } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Place, Use } from '../providers/places.ts'

/** What the removal of orphans is made of. */
export interface RemovalDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: { readonly pollMs: number }
  openBackend(providerId: string): Promise<{
    readonly backend: Backend
    takePlace(use: Use): Place
    outageMs(): number | undefined
  }>
  /** How many calls each provider can be sent now. */
  freePlaces(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /** Set by the fault harness alone. */
  readonly atPoint?:
    | ((point: 'orphan-claimed' | 'orphan-removed' | 'orphan-settled') => void | Promise<void>)
    | undefined
}
