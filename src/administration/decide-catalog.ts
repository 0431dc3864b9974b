import { describeProvider } from '../catalog/describe-providers.ts'
import { decideQuarantine } from '../catalog/quarantine/decide.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView } from '../types.gen.ts'
import { readCatalog } from './read-catalog.ts'

/**
 * Decides about a catalog that is quarantined. `confirmed`: it is read again and published, unless
 * it would lose something else by now. `rejected`: the last good copy stays; what the provider
 * sends next is judged anew, unless it loses the same.
 * @param digest  of the loss that the operator has seen; undefined: whatever is quarantined
 * @throws BrokerError `not_found`; `conflict` when nothing, or another loss, is quarantined
 */
export async function decideCatalog(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  decision: 'confirmed' | 'rejected',
  digest: string | undefined,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  await deps.db
    .transaction()
    .execute((tx) => decideQuarantine(tx, caller, id, decision, digest, now))
  if (decision === 'confirmed') await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}
