import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Caller } from '../caller.ts'
import type { TenancyDeps } from '../deps.ts'
import { lockLivePlatform } from '../platforms/lock.ts'
import { checkHandling } from './check-handling.ts'
import { deleteCredential } from './store.ts'

/**
 * Revokes a credential of a platform: nothing signs in with it from now on.
 * @param platform  its id or name
 * @param id  of the credential
 * @throws BrokerError `not_found`, `conflict` for a retired platform, which has none; `forbidden`
 * for what only an operator may revoke
 */
export async function revokeCredential(
  deps: TenancyDeps,
  caller: Caller,
  platform: string,
  id: string,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const { id: platformId, organisationId } = await lockLivePlatform(tx, caller.scope, platform)
    const kind = isUuid(id) ? await deleteCredential(tx, platformId, id) : undefined
    if (kind === undefined)
      throw new BrokerError('not_found', 'The platform has no such credential.')
    await checkHandling(tx, caller.scope, platformId, kind)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'credentials.revoked',
      objectKind: 'platform',
      objectId: platformId,
      outcome: 'succeeded',
      organisationId,
      platformId,
      details: { credentialId: id, kind },
    })
    await announce(tx, 'platforms')
  })
}
