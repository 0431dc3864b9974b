import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { Provider } from './provider.ts'
import { findProvider, findProviderByName, listProviders } from './store.ts'

/** @throws BrokerError `not_found`, for a removed one too */
export async function lookUpProvider (db: Db, id: string): Promise<Provider> {
  const provider = isUuid(id) ? await findProvider(db, id) : undefined
  if (provider === undefined || provider.state === 'removed') throw new BrokerError('not_found', 'There is no such provider.')
  return provider
}

/** All that are not removed, in the order of their registration. */
export async function lookUpProviders (db: Db): Promise<Provider[]> {
  return listProviders(db)
}

export async function lookUpProviderByName (db: Db, name: string): Promise<Provider | undefined> {
  return findProviderByName(db, name)
}
