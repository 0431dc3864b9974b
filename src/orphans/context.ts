import type { Backend } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { Slot, SlotUse } from '../providers/bulkhead.ts'

/** What the removal of orphans needs. */
export interface RemovalDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: { readonly pollMs: number }
  openBackend(providerId: string): Promise<{
    readonly backend: Backend
    acquireSlot(use: SlotUse): Slot
    outageMs(): number | undefined
  }>
  /** How many calls Kontor can send to each provider now. */
  freeSlots(): Promise<ReadonlyArray<{ readonly providerId: string; readonly free: number }>>
  /** Set only by the fault harness. */
  readonly hitFailpoint?:
    | ((point: 'orphan-claimed' | 'orphan-removed' | 'orphan-settled') => void | Promise<void>)
    | undefined
}
