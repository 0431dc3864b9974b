import { announce } from '../db/channels.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { namedOrigins, originOfUrl, withApproved } from './origins.ts'
import { lockProvider, setOrigins } from './store.ts'

/**
 * Approves origins in the transaction `tx`. They must be those of the registration as it is now:
 * the role provider may have changed it since the operator looked.
 * @returns all approved origins
 * @throws BrokerError `not_found`, or `conflict` for an origin that the registration does not name
 */
export async function approveOriginsIn(
  tx: Tx,
  id: string,
  origins: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const provider = await lockProvider(tx, id)
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  const named = namedOrigins(provider)
  const given = origins.map(originOfUrl)
  const unknownOrigin = given.find((origin) => !named.includes(origin))
  if (unknownOrigin !== undefined)
    throw new BrokerError(
      'conflict',
      `The registration does not name the origin ${unknownOrigin}. ` +
        `It names ${named.join(' and ')}.`,
    )
  const approved = withApproved(provider, given, now)
  await setOrigins(tx, id, approved, now)
  await announce(tx, 'providers', provider.id)
  return approved.approvedOrigins
}
