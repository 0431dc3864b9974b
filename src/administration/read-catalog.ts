import { requestRefresh } from '../catalog/due.ts'
import { refreshCatalog, type RefreshDeps, type Refreshed } from '../catalog/refresh.ts'
import { refreshBeforeAnswer } from '../db/channels.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import { isReasonHidden } from '../providers/origins.ts'
import type { AccessScope } from '../tenancy/principal.ts'

/** Reads a provider's catalog now. A failure is no exception: the provider's view shows it. */
export function readCatalog(deps: RefreshDeps, providerId: string): Promise<Refreshed> {
  refreshBeforeAnswer('catalog')
  return refreshCatalog(deps, providerId)
}

/**
 * The same for a caller, who waits for it; or a worker reads it, where the time that it takes would
 * show the caller how an origin answers that no operator has approved: that of the registration, or
 * of another that it had before or has got since and that is being read.
 * @throws BrokerError `not_found`
 */
export async function readCatalogFor(
  deps: RefreshDeps,
  scope: AccessScope,
  providerId: string,
): Promise<Refreshed | 'requested'> {
  const provider = await lookUpProvider(deps.db, scope, providerId)
  if (scope === 'all') return readCatalog(deps, providerId)
  if (!isReasonHidden(scope, provider)) {
    const { heldReadings } = deps.catalogReader
    const read = () => readCatalog(deps, providerId)
    return (await heldReadings.unlessHeld(providerId, read)) ?? 'requested'
  }
  await deps.db.transaction().execute((tx) => requestRefresh(tx, providerId, deps.now()))
  return 'requested'
}
