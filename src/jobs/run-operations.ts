import { pingDatabase, type Db } from '../db/database.ts'
import { isTransientDatabaseError } from '../db/transient-error.ts'
import { coded, type Log } from '../log.ts'
import type { Engine } from '../operations/engine.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

export interface OperationJobDeps {
  readonly engine: Engine
  readonly log: Log
  readonly db: Db
  readonly config: { readonly leaseMs: number }
}

const idleMs = 300
const busyMs = 50

/**
 * Claims operations whose next step is due or whose process died, and takes each one step further.
 * The rows say when they are due, so nothing can be lost between a row and a queue; each worker
 * claims, and skips what another has locked.
 */
export function runDueOperations(deps: OperationJobDeps): IntervalLoop {
  let isFull = false
  let wasAway = false
  // A call slot has become free, and another operation may be waiting for it.
  const onEnd = (): void => {
    if (isFull) loop.wake()
  }
  const loop = startLoop({
    minPauseMs: busyMs,
    async round() {
      if (wasAway) {
        await pingDatabase(deps.db)
        wasAway = false
        // Processes that are alive could not renew their leases: they get time to do it before
        // others take over.
        return deps.config.leaseMs / 2
      }
      const due = await deps.engine.runDue(onEnd)
      isFull = due.isFull
      return due.begun > 0 && !isFull ? busyMs : idleMs
    },
    onError(error) {
      deps.log.warn({ error: coded(error) }, 'could not claim operations that are due')
      wasAway = isTransientDatabaseError(error)
      isFull = false
      return idleMs
    },
  })
  return loop
}
