import { record } from '../audit/record.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView } from '../types.gen.ts'
import { readCatalogFor } from './read-catalog.ts'

/**
 * Reads a provider's catalog on request.
 * @throws BrokerError `not_found`
 */
export async function refreshProvider(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const outcome = await readCatalogFor(deps, caller.scope, id)
  await record(deps.db, {
    at: deps.now(),
    actor: caller.actor,
    action: 'provider.refreshed',
    objectKind: 'provider',
    objectId: id,
    outcome,
    providerId: id,
  })
  return describeProvider(deps.db, caller.scope, id)
}
