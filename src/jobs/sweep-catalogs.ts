import { takeDueCatalogs } from '../catalog/due.ts'
import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import type { Queue } from '../operations/queue.ts'

export interface SweepDeps {
  readonly db: Db
  readonly now: () => Date
  readonly queue: Queue
  readonly log: Log
}

const everyMs = 2_000

/** Asks for a reading of the catalogs that are due. Every worker looks; a claim and the queue keep them off each other's feet. */
export function sweepCatalogs(deps: SweepDeps): { stop(): void } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const once = async (): Promise<void> => {
    const now = deps.now()
    for (const providerId of await takeDueCatalogs(deps.db, now))
      await deps.queue.enqueueRefresh(deps.db, providerId)
  }

  const tick = (): void => {
    once()
      .catch((error: unknown) => {
        deps.log.warn({ error: coded(error) }, 'could not look for catalogs that are due')
      })
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, everyMs)
      })
  }

  tick()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
