import { claimDueCatalogs, makeCatalogDue } from '../catalog/due.ts'
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

/** Reads the catalogs that are due. */
export function refreshDueCatalogs(deps: CatalogJobDeps): IntervalLoop {
  return workOnClaims({
    what: 'catalogs',
    log: deps.log,
    intervalMs,
    maxAtATime,
    claim: (limit) => claimDueCatalogs(deps.db, deps.now(), limit),
    async work(providerId, stop) {
      const outcome = await refreshCatalog(deps, providerId, stop)
      deps.log.debug({ providerId, outcome }, 'catalog read')
      // Another process may begin at once with what our stop cut off.
      if (stop.aborted) await makeCatalogDue(deps.db, providerId, deps.now())
    },
  })
}
