import type { Caller } from '../caller.ts'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { UpdatePlatform } from '../../types.gen.ts'
import type { Platform } from '../platform.ts'
import { recordMove } from '../record-move.ts'
import type { TreeDeps } from '../organisations/create.ts'
import { organisationToOwn } from '../organisations/own.ts'
import { lockPlatform, updatePlatform } from './store.ts'

/**
 * Changes what a platform is called, what it is, or to whom it belongs. What it has ordered stays with whom it was ordered for.
 * @throws BrokerError `not_found`, `conflict` for a retired one, `invalid_request` for an organisation that is none
 */
export async function changePlatform(
  deps: TreeDeps,
  caller: Caller,
  id: string,
  change: UpdatePlatform,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    // The tree first, as everywhere: two that lock in different orders would wait for each other.
    const organisationId =
      change.organisation == null
        ? change.organisation
        : await organisationToOwn(tx, 'organisation', change.organisation)
    const platform = await lockLivePlatform(tx, id)
    await updatePlatform(
      tx,
      id,
      {
        ...(change.displayName === undefined ? {} : { displayName: change.displayName }),
        ...(change.kind === undefined ? {} : { kind: change.kind }),
        ...(organisationId === undefined ? {} : { organisationId }),
      },
      now,
    )
    const owner = organisationId === undefined ? platform.organisationId : organisationId
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'change',
      objectKind: 'platform',
      objectId: id,
      outcome: 'succeeded',
      organisationId: owner,
      platformId: id,
      details: { fields: Object.keys(change).join(',') },
    })
    await recordMove(
      tx,
      { at: now, actor: caller.actor, objectKind: 'platform', objectId: id, platformId: id },
      platform.organisationId,
      owner,
    )
    await announce(tx, 'platforms')
  })
}

/**
 * A platform that is not retired, and that nobody else changes until the transaction ends.
 * @throws BrokerError `not_found`, `conflict` for a retired one
 */
export async function lockLivePlatform(
  tx: Tx,
  id: string,
): Promise<Pick<Platform, 'name' | 'state' | 'organisationId'>> {
  const platform = await lockPlatform(tx, id)
  if (platform === undefined) throw new BrokerError('not_found', 'There is no such platform.')
  if (platform.state === 'retired') throw new BrokerError('conflict', 'The platform is retired.')
  return platform
}
