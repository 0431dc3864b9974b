import { describeProvider } from '../catalog/describe-providers.ts'
import { claimCatalog } from '../catalog/due.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { hastenOrphans } from '../orphans/record.ts'
import { registerProviderIn } from '../providers/register.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { CreateProvider, ProviderView } from '../types.gen.ts'
import { readCatalog } from './read-catalog.ts'

/**
 * Registers a provider and publishes its catalog. The view shows whether the catalog could be read,
 * and so whether the settings work.
 * @throws BrokerError `invalid_request` for settings that the back end does not accept or a
 * retention without hours, `conflict` for a name that is taken
 */
export async function registerProvider(
  deps: RefreshDeps,
  caller: Caller,
  registration: CreateProvider,
): Promise<ProviderView> {
  const now = deps.now()
  const { id } = await deps.db.transaction().execute(async (tx) => {
    const provider = await registerProviderIn(tx, deps.vault, caller, registration, now)
    // Those that were left when a provider of this name was removed.
    await hastenOrphans(tx, provider.id, now)
    await claimCatalog(tx, provider.id, now)
    return provider
  })
  await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}
