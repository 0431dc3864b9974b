import type { Token } from '../../oidc/tokens.ts'
import type { Directory } from '../../tenancy/directory.ts'

export type Tree = Pick<Directory, 'organisationNamed' | 'subtreeOf' | 'stamp'>

/** Ids of the organisations that a token names, and of all below them. */
export type OrganisationsOf = (token: Token, names: readonly string[]) => readonly string[]

// A token may be remembered for hours, and a thousand of them may each name all there are: some 10 MB then.
const maxIds = 1_000_000

/** Works them out once for a token that is remembered, until the directory is read anew. */
export function createOrganisationTree(directory: Tree): OrganisationsOf {
  const none = () => ({
    stamp: directory.stamp(),
    ofToken: new WeakMap<Token, readonly string[]>(),
    ids: 0,
  })
  let kept = none()
  return (token, names) => {
    if (kept.stamp !== directory.stamp() || kept.ids > maxIds) kept = none()
    const found = kept.ofToken.get(token)
    if (found !== undefined) return found
    const ids = [
      ...directory.subtreeOf(
        ...names.flatMap((name) => directory.organisationNamed(name)?.id ?? []),
      ),
    ]
    kept.ofToken.set(token, ids)
    kept.ids += ids.length
    return ids
  }
}
