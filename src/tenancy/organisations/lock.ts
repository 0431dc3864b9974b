import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../principal.ts'
import { requireOrganisation, resolveOrganisation } from './resolve-organisation.ts'
import { lockTree } from './store.ts'
import { indexOf, type Tree, type TreeNode } from './tree.ts'

export { lockTree } from './store.ts'

/**
 * Locks the tree and gives one of its organisations, which is not retired and stays so until the
 * transaction ends.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, for one outside the scope too; `conflict` for a retired one
 */
export async function lockOrganisation(
  tx: Tx,
  scope: AccessScope,
  reference: string,
): Promise<{ readonly organisation: TreeNode; readonly tree: Tree }> {
  const tree = await lockTree(tx)
  const organisation = await resolveOrganisation(indexOf(tree), scope, reference)
  if (organisation === undefined)
    throw new BrokerError('not_found', 'There is no such organisation.')
  if (organisation.state === 'retired')
    throw new BrokerError('conflict', 'The organisation is retired.')
  return { organisation, tree }
}

/**
 * Id of the organisation that will own something. The tree is locked, so it is not retired until
 * the transaction ends.
 * @param field  of the request, where `reference` stands: an id or a name
 * @throws BrokerError `invalid_request` when there is none, or it is retired
 */
export async function ownerIn(
  tree: Tree,
  scope: AccessScope,
  field: string,
  reference: string,
): Promise<string> {
  const organisation = await requireOrganisation(indexOf(tree), scope, field, reference)
  if (organisation.state === 'retired')
    throw new BrokerError(
      'invalid_request',
      `${field}: the organisation "${organisation.name}" is retired.`,
    )
  return organisation.id
}
