import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../principal.ts'
import { servesOthers } from './store.ts'

/**
 * Checks that a caller may issue or revoke a credential of a platform in its scope. Bearer and mtls
 * credentials are for operators only: another caller could name the token or the certificate of a
 * stranger. And credentials of a platform read the bindings of every organisation that orders
 * through it.
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
      'Organisations outside your scope order through this platform too, ' +
        'and its credentials read their bindings. Ask an operator.',
    )
}
