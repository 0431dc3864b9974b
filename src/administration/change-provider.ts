import { deleteCredentialsUntil } from '../bindings/delete-credentials.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
import { markCatalogChanged } from '../catalog/withdraw.ts'
import { announce } from '../db/channels.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { hastenOrphans } from '../orphans/record.ts'
import { changeProviderIn } from '../providers/change.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView, UpdateProvider } from '../types.gen.ts'
import { readCatalogFor } from './read-catalog.ts'

// How long a request deletes credentials; enough for some 50,000 bindings.
const deletionMs = 5_000

/**
 * Changes a provider's settings, credentials, limits or policies, and reads its catalog with them.
 * Calls in progress go on with the old ones.
 *
 * The policy not to store binding credentials takes effect when the transaction commits, with a
 * mark that those which are stored must be deleted. That happens in portions afterwards, some
 * seconds by the request, the rest by jobs; the view says whether it is under way. A change back
 * ends it: what is still stored stays.
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
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    await changeProviderIn(tx, deps.vault, caller, id, change, now)
    await hastenOrphans(tx, id, now)
    // Descriptions of polls name the provider; they must not wait for the next good reading.
    if (change.displayName !== undefined) {
      await markCatalogChanged(tx, now)
      await announce(tx, 'catalog')
    }
  })
  // An error is no reason to fail the change, which is committed: jobs go on, and log what prevents
  // the deletion.
  if (change.storeBindingCredentials === false)
    await deleteCredentialsUntil(deps.db, id, AbortSignal.timeout(deletionMs)).catch(() => {})
  await readCatalogFor(deps, caller.scope, id)
  return describeProvider(deps.db, caller.scope, id)
}
