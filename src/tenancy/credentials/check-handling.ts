import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../principal.ts'
import { servesOthers } from './store.ts'

/**
 * Whether somebody may issue or revoke a credential of a platform within his reach. Whom a token or a certificate is about
 * only an operator can know: anybody else could name a stranger's. And who has credentials of a platform reads the bindings of
 * all who order through it.
 * @throws BrokerError `forbidden`
 */
export async function checkHandling(
  tx: Tx,
  scope: AccessScope,
  platformId: string,
  kind: string,
): Promise<void> {
  if (scope === 'all') return
  if (kind !== 'basic')
    throw new BrokerError(
      'forbidden',
      'You may issue and revoke credentials of the kind basic. Ask an operator for the others.',
    )
  if (await servesOthers(tx, platformId, scope.organisations))
    throw new BrokerError(
      'forbidden',
      'Organisations out of your reach order through this platform too, and its credentials read what is theirs. Ask an operator.',
    )
}
