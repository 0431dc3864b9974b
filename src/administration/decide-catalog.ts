import { describeProvider } from '../catalog/describe-providers.ts'
import { decideQuarantine } from '../catalog/quarantine/decide.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView } from '../types.gen.ts'
import { readCatalog } from './read-catalog.ts'

/**
 * Confirms a catalog that is quarantined, and reads it again to publish it. One that would lose
 * something else by now is judged anew.
 * @param digest  of the loss that the operator has seen; undefined: whatever is quarantined
 * @throws BrokerError `not_found`; `conflict` when nothing, or another loss, is quarantined
 */
export async function confirmCatalog(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  digest: string | undefined,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  await deps.db
    .transaction()
    .execute((tx) => decideQuarantine(tx, caller, id, 'confirmed', digest, now))
  await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}

/**
 * Keeps the last good copy instead of the catalog that is quarantined. What the provider sends next
 * is judged anew, unless it is the same.
 * @param digest  as of `confirmCatalog`
 * @throws BrokerError  as `confirmCatalog`
 */
export async function rejectCatalog(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  digest: string | undefined,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  await deps.db
    .transaction()
    .execute((tx) => decideQuarantine(tx, caller, id, 'rejected', digest, now))
  return describeProvider(deps.db, caller.scope, id)
}
