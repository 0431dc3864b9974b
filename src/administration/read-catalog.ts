import { requestRefresh } from '../catalog/due.ts'
import { refreshCatalog, type RefreshDeps, type Refreshed } from '../catalog/refresh.ts'
import { refreshBeforeAnswer } from '../db/channels.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import { isReasonHidden } from '../providers/origins.ts'
import type { AccessScope } from '../tenancy/principal.ts'

// The back end has a shorter timeout of its own.
const maxReadMs = 60_000

/** Reads a provider's catalog now. A failure is no exception: the provider's view shows it. */
export function readCatalog(deps: RefreshDeps, providerId: string): Promise<Refreshed> {
  refreshBeforeAnswer('catalog')
  return refreshCatalog(deps, providerId, AbortSignal.timeout(maxReadMs))
}

/**
 * The same for a caller, who waits for it; or a worker reads it, where the time that it takes would
 * show the caller how an origin answers that no operator has approved.
 * @throws BrokerError `not_found`
 */
export async function readCatalogFor(
  deps: RefreshDeps,
  scope: AccessScope,
  providerId: string,
): Promise<Refreshed | 'requested'> {
  const provider = await lookUpProvider(deps.db, scope, providerId)
  if (!isReasonHidden(scope, provider)) return readCatalog(deps, providerId)
  await deps.db.transaction().execute((tx) => requestRefresh(tx, providerId, deps.now()))
  return 'requested'
}
