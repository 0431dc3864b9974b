import { excludeOrders } from '../access/quotas/reserve-quota.ts'
import { countInstancesOfPlatform } from '../instances/count.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { TenancyDeps } from '../tenancy/deps.ts'
import { retirePlatformIn } from '../tenancy/platforms/set-state.ts'
import { assertNoInstances } from './assert-no-instances.ts'

/**
 * Retires a platform for good: its credentials are deleted, and its name is never given again.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one, `in_use` while it has live
 * instances
 */
export async function retirePlatform(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  reason: string,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const id = await retirePlatformIn(tx, caller, reference, reason, now)
    // Last, so that orders wait no longer than the counting takes.
    await excludeOrders(tx)
    assertNoInstances(
      await countInstancesOfPlatform(tx, id),
      (count, them) =>
        `The platform still has ${count}, and no other platform could delete ${them}. ` +
        `Suspend the platform, and let it deprovision ${them} first.`,
    )
  })
}
