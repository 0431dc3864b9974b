import type { Directory } from '../../tenancy/directory.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import type { AccessScope } from '../../tenancy/principal.ts'

/**
 * Ids of an organisation and of those below it, as far as they are within the scope.
 * @param reference  id or name; absent: no filter
 * @throws BrokerError `invalid_request`, also for an organisation outside the scope
 */
export async function organisationsBelow(
  directory: Directory,
  scope: AccessScope,
  reference: string | undefined,
): Promise<readonly string[] | undefined> {
  if (reference === undefined) return undefined
  const { id } = await requireOrganisation(directory, scope, 'organisation', reference)
  const subtree = directory.subtreeOf(id)
  return scope === 'all' ? [...subtree] : scope.organisations.filter((each) => subtree.has(each))
}
