import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { BackendPool } from '../providers/backend-pool.ts'

/** What the removal of orphans needs. */
export interface RemovalDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly times: { readonly pollMs: number }
  readonly backends: Pick<BackendPool, 'open' | 'freeSlots'>
  /** false: this process lacks a key that others use, so it claims nothing. */
  hasAllKeys(): boolean
  /** Set only by the fault harness. */
  readonly hitFailpoint?:
    | ((point: 'orphan-claimed' | 'orphan-removed' | 'orphan-written') => void | Promise<void>)
    | undefined
}
