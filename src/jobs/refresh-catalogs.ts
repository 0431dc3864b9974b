import { claimDueCatalogs, makeCatalogDue, postponeCatalog } from '../catalog/due.ts'
import { refreshCatalog, type RefreshDeps } from '../catalog/refresh.ts'
import type { Log } from '../log.ts'
import { workOnClaims } from './claimed-work.ts'
import type { IntervalLoop } from './interval-loop.ts'

export interface CatalogJobDeps extends RefreshDeps {
  readonly log: Log
}

const intervalMs = 2_000
// Many, because a provider that answers slowly must hold up no other; each holds one catalog in
// memory.
const maxAtATime = 100

/**
 * Reads the catalogs that are due, one reading at a time for each provider: a request for a new
 * reading during one makes the catalog due again when that one ends, and one while the provider
 * rests, at the end of the rest. Otherwise a slow provider whose orders each ask for a reading
 * would take all the capacity.
 */
export function refreshDueCatalogs(deps: CatalogJobDeps, atATime = maxAtATime): IntervalLoop {
  // Providers that are being read; true: due again afterwards.
  const readings = new Map<string, boolean>()

  return workOnClaims({
    what: 'catalogs',
    log: deps.log,
    intervalMs,
    maxAtATime: atATime,
    idsOf: (providerId: string) => ({ providerId }),
    claim: (limit) => claimDueCatalogs(deps.db, deps.now(), limit),
    async work(providerId, stop) {
      if (readings.has(providerId)) {
        readings.set(providerId, true)
        return
      }
      readings.set(providerId, false)
      try {
        const restMs = await deps.catalogReader.turns.restMs(providerId)
        if (restMs > 0) {
          await makeCatalogDue(deps.db, providerId, new Date(deps.now().getTime() + restMs))
          return
        }
        const outcome = await refreshCatalog(deps, providerId, stop)
        deps.log.debug({ providerId, outcome }, 'catalog read')
      } catch (error) {
        // If that fails too, the catalog falls due when its lease is over.
        await postponeCatalog(deps.db, providerId, deps.now()).catch(() => {})
        throw error
      } finally {
        const isDueAgain = readings.get(providerId) === true
        readings.delete(providerId)
        // Another process may begin at once with what our stop cut off.
        if (isDueAgain || stop.aborted) await makeCatalogDue(deps.db, providerId, deps.now())
      }
    },
  })
}
