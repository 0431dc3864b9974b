import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { listRunning } from '../operations/begin.ts'
import type { Operation } from '../operations/operation.ts'
import type { Instance } from './instance.ts'
import { findInstance, findInstanceByKey } from './store.ts'

/** The live instance of a platform, in whatever state. @throws BrokerError `not_found` */
export async function lookUpInstance(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
): Promise<Instance> {
  const instance = await findInstance(db, platformId, instanceId)
  if (instance === undefined) throw new BrokerError('not_found', 'There is no such instance.')
  return instance
}

/**
 * An instance with what is under way on it. Its operation may have ended after `seen` was read: then it looks
 * unfinished though nothing runs any more, and is read anew.
 */
export async function atOneTime(
  db: DbOrTx,
  seen: Instance,
): Promise<{ readonly instance: Instance; readonly running: readonly Operation[] }> {
  const running = await listRunning(db, seen.platformId, seen.key)
  if (running.length > 0) return { instance: seen, running }
  return { instance: (await findInstanceByKey(db, seen.platformId, seen.key)) ?? seen, running }
}
