import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { Db } from '../db/database.ts'
import type { Operation } from '../operations/operation.ts'
import type { Vault } from '../vault/vault.ts'
import { assertGenuine } from './identity.ts'
import type { Instance } from './instance.ts'
import { listInstancesByKey } from './store.ts'
import { batchReads } from '../db/batch-reads.ts'

/**
 * Reads the instance of an operation; operations whose steps begin at the same time share one
 * query.
 */
export type InstanceReader = (key: {
  readonly platformId: string
  readonly key: string
}) => Promise<Instance | undefined>

export function readInstances(db: Db): InstanceReader {
  return batchReads(
    (keys) => listInstancesByKey(db, keys),
    ({ platformId, key }) => `${platformId} ${key}`,
  )
}

/** What the operation handlers need. */
export interface HandlerDeps {
  readonly db: Db
  readonly instances: InstanceReader
  readonly vault: Vault
  readonly now: () => Date
  readonly catalog: Pick<LiveCatalog, 'current'>
}

/**
 * The instance of an operation. Its row is written before the operation's and never deleted.
 * @throws BrokerError `unavailable` for one that was changed past Kontor; Error when the operation
 *   is not one of that instance's provider
 */
export async function loadInstance(
  deps: Pick<HandlerDeps, 'instances' | 'vault'>,
  { id, platformId, instanceKey: key, providerId }: Operation,
): Promise<Instance> {
  const instance = await deps.instances({ platformId, key })
  if (instance === undefined) throw new Error(`The operation ${id} has no instance.`)
  assertGenuine(deps.vault, instance)
  if (instance.providerId !== providerId)
    throw new Error(`The operation ${id} names another provider than its instance.`)
  return instance
}
