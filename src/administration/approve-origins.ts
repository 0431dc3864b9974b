import { record } from '../audit/record.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'
import { approveOriginsIn } from '../providers/approve-origins.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ApproveOrigins, ProviderView } from '../types.gen.ts'
import { readCatalog } from './read-catalog.ts'

/**
 * Approves origins of a registration, so that orders go there and the role provider sees why calls
 * fail, and reads the catalog, so that there is something to see.
 * @throws BrokerError `not_found`, or `conflict` for an origin that the registration does not name
 */
export async function approveOrigins(
  deps: RefreshDeps,
  caller: Caller,
  providerId: string,
  { origins }: ApproveOrigins,
): Promise<ProviderView> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const approvedOrigins = await approveOriginsIn(tx, id, origins, now)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'provider.origins-approved',
      objectKind: 'provider',
      objectId: id,
      outcome: 'succeeded',
      providerId: id,
      details: { approvedOrigins: approvedOrigins.join(',') },
    })
  })
  await readCatalog(deps, id)
  return describeProvider(deps.db, caller.scope, id)
}
