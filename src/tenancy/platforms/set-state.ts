import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import type { Caller } from '../caller.ts'
import { deleteCredentials } from '../credentials/store.ts'
import type { TenancyDeps } from '../deps.ts'
import { consoleNameOf } from '../names.ts'
import { deleteMappings } from '../mappings/store.ts'
import type { Platform } from '../platform.ts'
import { assertNoConsole, lockLivePlatform } from './lock.ts'
import { lockPlatform, updatePlatform, type LockedPlatform } from './store.ts'

/**
 * Suspends a platform, or ends its suspension. Setting the state that it has changes nothing.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function setPlatformState(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  state: 'active' | 'suspended',
  reason: string,
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const platform = await lockLivePlatform(tx, caller.scope, reference)
    if (platform.state !== state) await writeState(tx, caller, platform, state, reason, deps.now())
  })
}

/**
 * Retires a platform and deletes its credentials and mappings. The caller's transaction checks that
 * it has no instances.
 * @param reference  its id or name
 * @returns its id
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function retirePlatformIn(
  tx: Tx,
  caller: Caller,
  reference: string,
  reason: string,
  now: Date,
): Promise<string> {
  const platform = await lockLivePlatform(tx, caller.scope, reference)
  assertNoConsole(platform)
  // In the order in which all transactions write protected tables.
  await deleteMappings(tx, platform.id)
  await deleteCredentials(tx, platform.id)
  await writeState(tx, caller, platform, 'retired', reason, now)
  return platform.id
}

/**
 * Retires the platform through which the people of an organisation ordered, if there is one. The
 * caller's transaction retires the organisation and checks that it has no instances.
 */
export async function retireConsoleIn(
  tx: Tx,
  caller: Caller,
  organisationId: string,
  reason: string,
  now: Date,
): Promise<void> {
  const platform = await lockPlatform(tx, 'all', consoleNameOf(organisationId))
  if (platform !== undefined) await writeState(tx, caller, platform, 'retired', reason, now)
}

const actions = {
  active: 'platform.resumed',
  suspended: 'platform.suspended',
  retired: 'platform.retired',
} as const

async function writeState(
  tx: Tx,
  caller: Caller,
  { id, state: from, organisationId }: LockedPlatform,
  to: Platform['state'],
  reason: string,
  now: Date,
): Promise<void> {
  await updatePlatform(tx, id, { state: to }, now)
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: actions[to],
    objectKind: 'platform',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    platformId: id,
    details: { from, to, reason },
  })
  // A retired one has lost its credentials and mappings, too.
  await announce(tx, 'platforms', to === 'retired' ? undefined : id)
}
