import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../principal.ts'
import { lockPlatform, type LockedPlatform } from './store.ts'

/** @throws BrokerError `conflict` for the console of an organisation, of which nothing is set */
export function assertNoConsole({ kind }: Pick<LockedPlatform, 'kind'>): void {
  if (kind === 'console')
    throw new BrokerError(
      'conflict',
      'People of an organisation order through this platform, in the console. It takes no ' +
        'credentials and no mappings, keeps its kind and its owner, and is retired with that.',
    )
}

/**
 * A platform that is not retired. No other transaction changes it or its credentials and mappings
 * until this one ends.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, for one outside the scope too; `conflict` for a retired one
 */
export async function lockLivePlatform(
  tx: Tx,
  scope: AccessScope,
  reference: string,
): Promise<LockedPlatform> {
  const platform = await lockPlatform(tx, scope, reference)
  if (platform === undefined) throw new BrokerError('not_found', 'There is no such platform.')
  if (platform.state === 'retired') throw new BrokerError('conflict', 'The platform is retired.')
  return platform
}
