import { forgetCredentials } from '../bindings/forget-credentials.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
import { markCatalogChanged } from '../catalog/withdraw.ts'
import { announce } from '../db/channels.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { hastenOrphans } from '../orphans/record.ts'
import { changeProviderIn } from '../providers/change.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import { checkOwnFields } from '../providers/own-fields.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView, UpdateProvider } from '../types.gen.ts'
import { readCatalog } from './read-catalog.ts'

/**
 * Changes a provider's settings, credentials, limits or policies, and reads its catalog with them.
 * Calls in progress go on with the old ones.
 *
 * One transaction sets the policy not to store binding credentials and deletes those that are
 * stored, so that a crash leaves neither the policy without the deletion nor the reverse. Until it
 * commits, orders that create, unbind or delete at this provider wait, up to the query timeout.
 * @throws BrokerError `not_found`, `forbidden` for a field that only an operator changes,
 * `invalid_request` as providers/change.ts says
 */
export async function changeProvider(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  change: UpdateProvider,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  checkOwnFields(caller.scope, change)
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    await changeProviderIn(tx, deps.vault, caller, id, change, now)
    if (change.storeBindingCredentials === false) await forgetCredentials(tx, id)
    await hastenOrphans(tx, id, now)
    // Descriptions of polls name the provider; they must not wait for the next good reading.
    if (change.displayName !== undefined) {
      await markCatalogChanged(tx, now)
      await announce(tx, 'catalog')
    }
  })
  await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}
