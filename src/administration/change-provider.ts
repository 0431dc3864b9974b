import { forgetCredentials } from '../bindings/forget-credentials.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
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
 * stored, so that a crash leaves neither the policy without the deletion nor the reverse. Meanwhile
 * new instances and binds at this provider wait for the lock of its row; other providers are not
 * affected.
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
  })
  await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}
