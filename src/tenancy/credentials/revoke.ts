import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { TreeDeps } from '../organisations/create.ts'
import { lockLivePlatform } from '../platforms/change.ts'
import type { Caller } from '../caller.ts'
import { checkHandling } from './check-handling.ts'
import { deleteCredential } from './store.ts'

/**
 * Takes a credential from a platform: whoever signs in with it from now on is unknown.
 * @param reach  of who does it: the platform is within it
 * @throws BrokerError `not_found`, `conflict` for a retired platform, which has none; `forbidden` for what only an operator may revoke
 */
export async function revokeCredential(
  deps: TreeDeps,
  caller: Caller,
  platformId: string,
  id: string,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const platform = await lockLivePlatform(tx, platformId)
    const kind = isUuid(id) ? await deleteCredential(tx, platformId, id) : undefined
    if (kind === undefined)
      throw new BrokerError('not_found', 'The platform has no such credential.')
    await checkHandling(tx, caller.scope, platformId, kind)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'revoke credentials',
      objectKind: 'platform',
      objectId: platformId,
      outcome: 'succeeded',
      organisationId: platform.organisationId,
      platformId,
      details: { credentialId: id, kind },
    })
    await announce(tx, 'platforms')
  })
}
