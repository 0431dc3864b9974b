import { record } from '../audit/record.ts'
import { describeProvider } from '../catalog/describe-providers.ts'
import { markCatalogChanged, withdrawCatalog } from '../catalog/withdraw.ts'
import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { countLiveInstances } from '../instances/count.ts'
import { countHinderingOrphans } from '../orphans/record.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import { markProvider } from '../providers/mark.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { ProviderView } from '../types.gen.ts'

/**
 * Removes a provider. With `drain`, one that still has instances or orphans stays and is only
 * hidden from the catalog; Kontor still serves what was ordered there.
 * @returns undefined when it is removed; the draining provider otherwise
 * @throws BrokerError `not_found`, or `in_use` while it has instances or orphans and `drain` is
 * false. Orphans of abandoned operations do not count: Kontor removes them when the provider is
 * registered again
 */
export async function removeProvider(
  deps: { readonly db: Db; readonly now: () => Date },
  caller: Caller,
  providerId: string,
  drain: boolean,
): Promise<ProviderView | undefined> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  const state = await deps.db.transaction().execute(async (tx) => {
    // Marked first: the lock of the row makes orders wait while the instances are counted.
    await markProvider(tx, id, 'draining', now)
    const isEmpty = await checkEmpty(tx, id, drain)
    if (isEmpty) {
      await markProvider(tx, id, 'removed', now)
      await withdrawCatalog(tx, id, now)
    } else {
      await markCatalogChanged(tx, now)
    }
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: isEmpty ? 'provider.removed' : 'provider.drained',
      objectKind: 'provider',
      objectId: id,
      outcome: 'succeeded',
      providerId: id,
    })
    await announce(tx, 'providers', id)
    await announce(tx, 'catalog')
    return isEmpty ? 'removed' : 'draining'
  })
  return state === 'removed' ? undefined : describeProvider(deps.db, caller.scope, id)
}

/** @returns whether the provider has neither instances nor orphans */
async function checkEmpty(tx: Tx, providerId: string, drain: boolean): Promise<boolean> {
  const instances = await countLiveInstances(tx, providerId)
  const orphans = await countHinderingOrphans(tx, providerId)
  if (instances > 0 && !drain)
    throw new BrokerError(
      'in_use',
      `The provider still has ${instances} ${instances === 1 ? 'instance' : 'instances'}. ` +
        'Deprovision them first, or repeat with ?drain=true to hide its offerings meanwhile.',
    )
  if (orphans > 0 && !drain)
    throw new BrokerError(
      'in_use',
      `What ${orphans === 1 ? 'an order' : `${orphans} orders`} may have left at the provider is ` +
        'not removed yet. Wait for it, or repeat with ?drain=true to hide its offerings meanwhile.',
    )
  return instances + orphans === 0
}
