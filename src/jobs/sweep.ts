import { takeDueCatalogs } from '../catalog/due.ts'
import type { Db } from '../db/database.ts'
import { coded, type Log } from '../log.ts'
import { listStranded } from '../operations/stranded.ts'
import type { Queue } from '../operations/queue.ts'

export interface SweepDeps {
  readonly db: Db
  readonly now: () => Date
  readonly queue: Queue
  readonly log: Log
  runStep (operationId: string): Promise<void>
}

const everyMs = 2_000

/**
 * Looks for work that nobody does: operations whose process died (their lease is over) or whose job was lost, and
 * catalogs that are due. Every worker sweeps; claims and the queue keep them off each other's feet.
 */
export function sweep (deps: SweepDeps): { stop (): void } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const once = async (): Promise<void> => {
    const now = deps.now()
    for (const operationId of await listStranded(deps.db, now)) await deps.runStep(operationId)
    for (const providerId of await takeDueCatalogs(deps.db, now)) await deps.queue.enqueueRefresh(deps.db, providerId)
  }

  const tick = (): void => {
    once()
      .catch((error: unknown) => { deps.log.warn({ error: coded(error) }, 'sweep failed') })
      .finally(() => { if (!stopped) timer = setTimeout(tick, everyMs) })
  }

  tick()
  return {
    stop () {
      stopped = true
      clearTimeout(timer)
    }
  }
}
