import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { isUuid } from '../../ids.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { noToken } from './read.ts'
import type { TokenScope } from './scope.ts'
import { deleteToken, findView } from './store.ts'

/**
 * Revokes a token: nothing signs in with it from now on.
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one
 */
export async function revokeToken(
  { db, now }: TenancyDeps,
  caller: Caller,
  scope: TokenScope,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = isUuid(id) ? await findView(tx, scope, id) : undefined
    if (row === undefined || !(await deleteToken(tx, id))) throw noToken()
    await record(tx, {
      at: now(),
      actor: caller.actor,
      action: 'token.revoked',
      objectKind: 'token',
      objectId: id,
      outcome: 'succeeded',
      details: { personId: row.person_id },
    })
    await announce(tx, 'people')
  })
}
