import type { Organisation } from '../organisation.ts'
import type { OrganisationIndex } from './resolve-organisation.ts'

export type TreeNode = Omit<Organisation, 'displayName'>

/**
 * All organisations by id, retired ones too, as they are while a transaction holds the lock of the
 * tree.
 */
export type Tree = ReadonlyMap<string, TreeNode>

/** Levels of the tree, its root counted. */
const maxDepth = 6

const rank: Readonly<Record<Organisation['level'], number>> = { bund: 0, land: 1, kommune: 2 }

export function indexOf(tree: Tree): OrganisationIndex<TreeNode> {
  return {
    organisation: (id) => tree.get(id),
    organisationNamed: (name) => [...tree.values()].find((each) => each.name === name),
  }
}

/** Ids of organisations and of all below them. */
export function subtreeOf(tree: Tree, organisations: readonly string[]): ReadonlySet<string> {
  const roots = new Set(organisations)
  return new Set([...tree.keys()].filter((id) => ancestorsOf(tree, id).some((up) => roots.has(up))))
}

/** Ids of an organisation and of its ancestors, nearest first. */
function ancestorsOf(tree: Tree, id: string | null): string[] {
  const ancestors: string[] = []
  // Bounded: a cycle that was written past Kontor must not block the process for ever.
  for (
    let next = id;
    next !== null && ancestors.length <= tree.size;
    next = tree.get(next)?.parentId ?? null
  )
    ancestors.push(next)
  return ancestors
}

/**
 * Why an organisation cannot be below `parentId` together with its own subtree.
 * @param id  undefined for a new one
 * @returns a sentence; undefined when it can
 */
export function validateParent(
  tree: Tree,
  id: string | undefined,
  level: Organisation['level'],
  parentId: string | null,
): string | undefined {
  const parent = parentId === null ? undefined : tree.get(parentId)
  const above = ancestorsOf(tree, parentId)
  if (id !== undefined && above.includes(id)) return 'An organisation cannot be below itself.'
  if (parent?.state === 'retired') return `The organisation "${parent.name}" is retired.`
  if (parent !== undefined && rank[level] < rank[parent.level])
    return (
      `An organisation of the level ${level} cannot be below "${parent.name}", ` +
      `which is of the level ${parent.level}.`
    )
  const higher =
    id === undefined
      ? undefined
      : [...tree.values()].find(
          (each) =>
            each.parentId === id && each.state !== 'retired' && rank[each.level] < rank[level],
        )
  if (higher !== undefined)
    return `The organisation "${higher.name}" of the level ${higher.level} is below it.`
  return above.length + heightOf(tree, id) > maxDepth
    ? `The tree would be more than ${maxDepth} organisations deep.`
    : undefined
}

/** Length of the longest path from an organisation downwards, itself counted. */
function heightOf(tree: Tree, id: string | undefined): number {
  if (id === undefined) return 1
  let height = 1
  for (const below of tree.keys())
    height = Math.max(height, ancestorsOf(tree, below).indexOf(id) + 1)
  return height
}
