import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { Tree } from '../../tenancy/organisations/tree.ts'

/**
 * In a suspended organisation, and below it, only operators change who may do what.
 * @param tree  locked
 * @throws BrokerError `forbidden`
 */
export function assertActive(
  tree: Tree,
  { scope }: Pick<Caller, 'scope'>,
  organisationId: string,
): void {
  if (scope === 'all' || isActive(tree, organisationId)) return
  throw new BrokerError(
    'forbidden',
    `The organisation "${tree.get(organisationId)?.name ?? organisationId}", or one above it, is ` +
      'not active, so only operators may do this.',
  )
}

/** Whether an organisation and all above it are active. */
export function isActive(tree: Tree, organisationId: string): boolean {
  let id: string | null = organisationId
  // Bounded: a cycle that was written past Kontor must not block the process for ever.
  for (let depth = 0; id !== null && depth <= tree.size; depth++) {
    const organisation = tree.get(id)
    if (organisation?.state !== 'active') return false
    id = organisation.parentId
  }
  return true
}
