import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { listRunning } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import type { Instance } from './instance.ts'
import { findInstance, findInstanceByKey } from './store.ts'

export { findInstanceByKey }

/** An instance with its unfinished operations and those of its bindings, if any; oldest first. */
export interface InstanceWithOperations {
  readonly instance: Instance
  readonly running: readonly Operation[]
}

/**
 * The instance that a platform knows by this id, in any state but `gone`. One whose operation ends
 * between the two queries may be `gone` in the answer.
 */
export async function findWithOperations(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
): Promise<InstanceWithOperations | undefined> {
  const found = await findInstance(db, platformId, instanceId)
  if (found === undefined) return undefined
  const { instance, isBusy } = found
  if (!isBusy) return { instance, running: [] }
  const running = await listRunning(db, platformId, instance.key)
  if (running.length > 0) return { instance, running }
  // The operation ended between the two queries, so the instance is no longer as it was read.
  return { instance: (await findInstanceByKey(db, platformId, instance.key)) ?? instance, running }
}

/** As `findWithOperations`. @throws BrokerError `not_found` */
export async function lookUpInstance(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
): Promise<InstanceWithOperations> {
  const found = await findWithOperations(db, platformId, instanceId)
  if (found === undefined) throw new BrokerError('not_found', 'There is no such instance.')
  return found
}
