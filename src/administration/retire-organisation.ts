import { excludeOrders } from '../access/quotas/reserve-quota.ts'
import { countInstancesOfOrganisation } from '../instances/count.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { TenancyDeps } from '../tenancy/deps.ts'
import { retireEmptyOrganisation } from '../tenancy/organisations/set-state.ts'
import { retireConsoleIn } from '../tenancy/platforms/set-state.ts'
import { assertNoInstances } from './assert-no-instances.ts'

/**
 * Retires an organisation for good: it orders nothing more, and its name is never given again.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one, `in_use` while it has child
 * organisations, platforms, mappings or live instances
 */
export async function retireOrganisation(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  reason: string,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const id = await retireEmptyOrganisation(tx, caller, reference, reason, now)
    await retireConsoleIn(tx, caller, id, reason, now)
    // Last, so that orders wait no longer than the counting takes.
    await excludeOrders(tx)
    assertNoInstances(
      await countInstancesOfOrganisation(tx, id),
      (count, them) => `The organisation still has ${count}. Deprovision ${them} first.`,
    )
  })
}
