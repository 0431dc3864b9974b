import { refreshBeforeAnswer } from '../db/channels.ts'
import { refreshCatalog, type RefreshDeps, type Refreshed } from '../catalog/refresh.ts'

// The back end has a shorter timeout of its own.
const maxReadMs = 60_000

/** Reads a provider's catalog now. A failure is no exception: the provider's view shows it. */
export function readCatalog(deps: RefreshDeps, providerId: string): Promise<Refreshed> {
  refreshBeforeAnswer('catalog')
  return refreshCatalog(deps, providerId, AbortSignal.timeout(maxReadMs))
}
