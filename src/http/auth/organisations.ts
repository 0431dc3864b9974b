import type { Token } from '../../oidc/tokens.ts'
import type { Directory } from '../../tenancy/directory.ts'

export type Tree = Pick<Directory, 'organisationNamed' | 'subtreeOf' | 'stamp'>

/** Ids of the organisations that a token names, and of all below them. */
export type OrganisationsOf = (token: Token, names: readonly string[]) => readonly string[]

// Bounds the memory to some 10 MB: tokens are cached for hours, and each of a thousand may name all
// organisations.
const maxIds = 1_000_000

/** Computes them once per cached token, until the directory is reloaded. */
export function createOrganisationTree(directory: Tree): OrganisationsOf {
  const empty = () => ({
    stamp: directory.stamp(),
    ofToken: new WeakMap<Token, readonly string[]>(),
    ids: 0,
  })
  let cached = empty()
  return (token, names) => {
    if (cached.stamp !== directory.stamp() || cached.ids > maxIds) cached = empty()
    const known = cached.ofToken.get(token)
    if (known !== undefined) return known
    const ids = [
      ...directory.subtreeOf(
        ...names.flatMap((name) => directory.organisationNamed(name)?.id ?? []),
      ),
    ]
    cached.ofToken.set(token, ids)
    cached.ids += ids.length
    return ids
  }
}
