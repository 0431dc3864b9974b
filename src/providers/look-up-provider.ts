import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { Provider } from './provider.ts'
import { findProviderByName, findProviderInScope, listProviders } from './store.ts'

/** @throws BrokerError `not_found`, also for a provider that is removed or outside the scope */
export async function lookUpProvider(db: Db, scope: AccessScope, id: string): Promise<Provider> {
  const provider = await lookUpProviderIfAny(db, scope, id)
  if (provider === undefined) throw new BrokerError('not_found', 'There is no such provider.')
  return provider
}

/**
 * As `lookUpProvider`, but undefined for one that is not there: no other error is taken for that.
 */
export async function lookUpProviderIfAny(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<Provider | undefined> {
  const provider = isUuid(id) ? await findProviderInScope(db, scope, id) : undefined
  return provider?.state === 'removed' ? undefined : provider
}

/** All providers of the scope that are not removed, in the order of their registration. */
export async function lookUpProviders(db: Db, scope: AccessScope): Promise<Provider[]> {
  return listProviders(db, scope)
}

export async function lookUpProviderByName(db: Db, name: string): Promise<Provider | undefined> {
  return findProviderByName(db, name)
}
