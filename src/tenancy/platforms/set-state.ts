import type { Caller } from '../caller.ts'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { deleteCredentials } from '../credentials/store.ts'
import { deleteMappings } from '../mappings/store.ts'
import type { TreeDeps } from '../organisations/create.ts'
import type { Platform } from '../platform.ts'
import { lockLivePlatform } from './change.ts'
import { updatePlatform } from './store.ts'

/**
 * Suspends a platform, or ends that. One that is so already stays as it is.
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function setPlatformState(
  deps: TreeDeps,
  caller: Caller,
  id: string,
  state: 'active' | 'suspended',
  reason: string,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const platform = await lockLivePlatform(tx, id)
    if (platform.state !== state)
      await write(tx, caller, { id, ...platform }, state, reason, deps.now())
  })
}

/**
 * Retires a platform with its credentials and mappings, in the caller's transaction, which makes sure of its instances.
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function retirePlatformRow(
  tx: Tx,
  caller: Caller,
  id: string,
  reason: string,
  now: Date,
): Promise<void> {
  const platform = await lockLivePlatform(tx, id)
  await deleteCredentials(tx, id)
  await deleteMappings(tx, id)
  await write(tx, caller, { id, ...platform }, 'retired', reason, now)
}

async function write(
  tx: Tx,
  caller: Caller,
  { id, state: from, organisationId }: Pick<Platform, 'id' | 'state' | 'organisationId'>,
  to: Platform['state'],
  reason: string,
  now: Date,
): Promise<void> {
  await updatePlatform(tx, id, { state: to }, now)
  const action = ({ active: 'resume', suspended: 'suspend', retired: 'retire' } as const)[to]
  await record(tx, {
    at: now,
    actor: caller.actor,
    action,
    objectKind: 'platform',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    platformId: id,
    details: { from, to, reason },
  })
  await announce(tx, 'platforms')
}
