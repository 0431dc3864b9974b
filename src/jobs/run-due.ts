import { setTimeout as wait } from 'node:timers/promises'
import { isTransientDatabaseError } from '../db/transient-error.ts'
import { pingDatabase, type Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import type { Engine } from '../operations/engine.ts'
import type { Removal } from '../orphans/run.ts'

export interface DueDeps {
  readonly engine: Engine
  readonly removal: Removal
  readonly log: Log
  readonly db: Db
  readonly config: { readonly leaseMs: number }
}

// How often we look when nothing was due, and when something was: what is due together is taken together. Nobody waits
// for an orphan, so for those we look only as often as if nothing was due.
const idleMs = 250
const busyMs = 50

/**
 * Takes up whatever is due: operations whose next step has come or whose process died, and orphans. The rows say
 * themselves when their turn is, so nothing can be lost between a row and a queue; every worker looks, and what one has
 * locked the others leave out.
 */
export function workOnDue(deps: DueDeps): { stop(): Promise<void> } {
  let stopped = false
  let isFull = false
  let wasAway = false
  let isWoken = false
  let removeAt = 0
  let wakeUp = (): void => {}

  const nap = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const wake = (): void => {
    isWoken = true
    wakeUp()
  }
  // A place has become free for which another operation may be waiting.
  const onEnd = (): void => {
    if (isFull) wake()
  }

  const look = async (): Promise<number> => {
    try {
      if (wasAway) {
        await pingDatabase(deps.db)
        wasAway = false
        // Whoever is still at work renews his lease first: he is alive, only nobody could see it.
        return deps.config.leaseMs / 2
      }
      const due = await deps.engine.runDue(onEnd)
      isFull = due.isFull
      if (performance.now() >= removeAt) {
        removeAt = performance.now() + idleMs
        await deps.removal.runDue()
      }
      return due.begun > 0 && !isFull ? busyMs : idleMs
    } catch (error) {
      deps.log.warn({ error: coded(error) }, 'could not look for what is due')
      wasAway = isTransientDatabaseError(error)
      isFull = false
      return idleMs
    }
  }

  const loop = async (): Promise<void> => {
    while (!stopped) {
      isWoken = false
      const waitMs = await look()
      await wait(busyMs)
      if (!stopped && !isWoken && waitMs > busyMs) await nap(waitMs)
    }
  }
  const looping = loop()
  return {
    async stop() {
      stopped = true
      wake()
      await looping
    },
  }
}
