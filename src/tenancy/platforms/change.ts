import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { UpdatePlatform } from '../../types.gen.ts'
import type { Caller } from '../caller.ts'
import { revokeOutgrown } from '../credentials/revoke-outgrown.ts'
import type { TenancyDeps } from '../deps.ts'
import { ownerIn } from '../organisations/lock.ts'
import { lockTree } from '../organisations/store.ts'
import { recordMove } from '../record-move.ts'
import { assertNoConsole, lockLivePlatform } from './lock.ts'
import { updatePlatform } from './store.ts'

/**
 * Changes a platform's display name, kind or owner. What it has ordered stays with the organisation
 * it was ordered for. Credentials that an agency issued end if the owner is outside its scope.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one, `invalid_request` for an owner
 * that is unknown or retired
 */
export async function changePlatform(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  change: UpdatePlatform,
): Promise<void> {
  const now = deps.now()
  const { actor, scope } = caller
  await deps.db.transaction().execute(async (tx) => {
    // The tree before the platform, as in every transaction that locks both: otherwise two could
    // deadlock.
    const tree = change.organisation === undefined ? undefined : await lockTree(tx)
    const platform = await lockLivePlatform(tx, scope, reference)
    assertNoConsole(platform)
    const { id } = platform
    const organisationId =
      change.organisation == null || tree === undefined
        ? change.organisation
        : await ownerIn(tree, scope, 'organisation', change.organisation)
    if (tree !== undefined)
      await revokeOutgrown(tx, {
        tree,
        actor,
        now,
        platform: { id, owner: organisationId ?? null },
      })
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
      actor,
      action: 'platform.changed',
      objectKind: 'platform',
      objectId: id,
      outcome: 'succeeded',
      organisationId: owner,
      platformId: id,
      details: { fields: Object.keys(change).join(',') },
    })
    await recordMove(
      tx,
      { at: now, actor, objectKind: 'platform', objectId: id, platformId: id },
      platform.organisationId,
      owner,
    )
    await announce(tx, 'platforms', id)
  })
}
