import type { Caller } from '../tenancy/caller.ts'
import { excludeOrders } from '../access/quotas/reserve-quota.ts'
import { BrokerError } from '../errors.ts'
import type { TenancyDeps } from '../tenancy/deps.ts'
import { retirePlatformIn } from '../tenancy/platforms/set-state.ts'
import { countInstancesOfPlatform } from './store.ts'

/**
 * Retires a platform for good: its credentials are gone, and its name is never given again.
 * @throws BrokerError `not_found`, `conflict` for a retired one, `in_use` while it has live instances
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
    // Last, so that orders are kept out for no longer than the counting takes.
    await excludeOrders(tx)
    const instances = await countInstancesOfPlatform(tx, id)
    if (instances > 0)
      throw new BrokerError(
        'in_use',
        `The platform still has ${instances} ${instances === 1 ? 'instance' : 'instances'}, which nobody could delete any more. Suspend it, and let it deprovision ${instances === 1 ? 'it' : 'them'} first.`,
      )
  })
}
