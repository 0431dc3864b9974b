import type { Tx } from '../../db/database.ts'
import { organisationIn } from './read.ts'
import { lockTree } from './store.ts'

/**
 * Id of an organisation that something is going to belong to, which is not retired until the transaction ends.
 * @param field  where the request names it, by name or id
 * @throws BrokerError `invalid_request` when there is none, or it is retired
 */
export async function organisationToOwn(tx: Tx, field: string, nameOrId: string): Promise<string> {
  await lockTree(tx)
  return organisationIn(tx, 'all', field, nameOrId)
}
