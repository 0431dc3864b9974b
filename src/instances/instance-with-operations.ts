import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { listRunning } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import { vaultOf } from '../vault/vault.ts'
import { assertGenuine } from './identity.ts'
import {
  findInstance,
  findInstanceByKey as findRow,
  type Joined,
  type VersionedInstance,
} from './store.ts'

export type { Joined, VersionedInstance } from './store.ts'

/** An instance with its unfinished operations and those of its bindings, if any; oldest first. */
export interface InstanceWithOperations {
  readonly instance: VersionedInstance
  readonly running: readonly Operation[]
}

/**
 * An instance by its key, even if it is deleted.
 * @throws BrokerError `unavailable` for one that was changed past Kontor
 */
async function findInstanceByKey(
  db: DbOrTx,
  platformId: string,
  key: string,
): Promise<VersionedInstance | undefined> {
  const instance = await findRow(db, platformId, key)
  if (instance !== undefined) assertGenuine(vaultOf(db), instance)
  return instance
}

/**
 * The instance that a platform knows by this id, in any state but `gone`. One whose operation ends
 * between the two queries may be `gone` in the answer.
 * @returns `row` too: with what `joined` has read beside the instance
 * @throws BrokerError `unavailable` for one that was changed past Kontor
 */
export async function findWithOperations(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
  joined?: Joined,
): Promise<(InstanceWithOperations & { readonly row: object }) | undefined> {
  const found = await findInstance(db, platformId, instanceId, joined)
  if (found === undefined) return undefined
  const { instance, isBusy, row } = found
  assertGenuine(vaultOf(db), instance)
  if (!isBusy) return { instance, running: [], row }
  const running = await listRunning(db, platformId, instance.key)
  if (running.length > 0) return { instance, running, row }
  // The operation ended between the two queries, so the instance is no longer as it was read.
  const again = await findInstanceByKey(db, platformId, instance.key)
  return { instance: again ?? instance, running, row }
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
