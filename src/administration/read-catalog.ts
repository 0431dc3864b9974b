import { describeProvider } from '../catalog/describe-providers.ts'
import { refreshCatalog, type Refreshed } from '../catalog/refresh.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView } from '../types.gen.ts'
import type { ProviderDeps } from './deps.ts'

// The back end has a shorter timeout of its own.
const maxReadMs = 60_000

/** Reads a provider's catalog now. A failure is no exception: `describePublished` shows it. */
export function readCatalog(deps: ProviderDeps, providerId: string): Promise<Refreshed> {
  return refreshCatalog(deps, providerId, AbortSignal.timeout(maxReadMs))
}

/** A provider's view, once this process serves the catalog that the view describes. */
export async function describePublished(
  deps: ProviderDeps,
  { scope }: Caller,
  providerId: string,
): Promise<ProviderView> {
  await deps.catalog.reload()
  return describeProvider(deps.db, scope, providerId)
}
