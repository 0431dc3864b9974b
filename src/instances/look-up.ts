import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Instance } from './instance.ts'
import { findInstance } from './store.ts'

/** The live instance of a platform, in whatever state. @throws BrokerError `not_found` */
export async function lookUpInstance (db: DbOrTx, platformId: string, instanceId: string): Promise<Instance> {
  const instance = await findInstance(db, platformId, instanceId)
  if (instance === undefined) throw new BrokerError('not_found', 'There is no such instance.')
  return instance
}
