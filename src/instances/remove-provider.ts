import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { markCatalogChanged, withdrawCatalog } from '../catalog/withdraw.ts'
import { announce } from '../db/channels.ts'
import { BrokerError } from '../errors.ts'
import { countHinderingOrphans } from '../orphans/record.ts'
import { markProvider } from '../providers/mark.ts'
import type { ProviderDeps } from '../providers/register.ts'
import { countLiveInstances } from './store.ts'

/**
 * Takes a provider out. One that still has instances or orphans is only drained, if that is asked for: hidden from the catalog,
 * while what was ordered is still served.
 * @throws BrokerError `not_found`, or `in_use` while it has instances or orphans and `drain` is false; those of abandoned
 * operations do not count: they are removed when it is registered again
 */
export async function removeProvider(
  deps: ProviderDeps,
  caller: Caller,
  providerId: string,
  drain: boolean,
): Promise<'removed' | 'draining'> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    // Marked first: that locks the row, so that no order can come in while we count.
    await markProvider(tx, providerId, 'draining', now)
    const instances = await countLiveInstances(tx, providerId)
    const orphans = await countHinderingOrphans(tx, providerId)
    if (instances > 0 && !drain) {
      throw new BrokerError(
        'in_use',
        `The provider still has ${instances} ${instances === 1 ? 'instance' : 'instances'}. Deprovision them first, or repeat with ?drain=true to hide its offerings meanwhile.`,
      )
    }
    if (orphans > 0 && !drain) {
      throw new BrokerError(
        'in_use',
        `What ${orphans === 1 ? 'an order' : `${orphans} orders`} may have left at the provider is not removed yet. Wait for it, or repeat with ?drain=true to hide its offerings meanwhile.`,
      )
    }
    const state = instances + orphans > 0 ? 'draining' : 'removed'
    if (state === 'removed') {
      await markProvider(tx, providerId, 'removed', now)
      await withdrawCatalog(tx, providerId, now)
    } else {
      await markCatalogChanged(tx, now)
    }
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: state === 'removed' ? 'remove' : 'drain',
      objectKind: 'provider',
      objectId: providerId,
      outcome: 'succeeded',
      providerId,
    })
    await announce(tx, 'providers', providerId)
    await announce(tx, 'catalog')
    return state
  })
}
