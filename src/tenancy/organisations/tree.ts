import type { Organisation } from '../organisation.ts'

/** All organisations by their ids, retired ones too, as they are while nobody else changes them. */
export type Tree = ReadonlyMap<string, Pick<Organisation, 'name' | 'level' | 'parentId' | 'state'>>

/** Levels of the tree, the top one being the first. */
const maxDepth = 6

const rank: Readonly<Record<Organisation['level'], number>> = { bund: 0, land: 1, kommune: 2 }

/** Ids of an organisation and of those above it, nearest first. */
function lineOf(tree: Tree, id: string | null): string[] {
  const line: string[] = []
  // No line is longer than all there are: a circle that somebody made past Kontor must not hold a process up for ever.
  for (let at = id; at !== null && line.length <= tree.size; at = tree.get(at)?.parentId ?? null)
    line.push(at)
  return line
}

/**
 * Why an organisation cannot stand below `parentId` with all that is below it.
 * @param id  undefined for one that is new
 * @returns a sentence, or undefined when it can
 */
export function validateParent(
  tree: Tree,
  id: string | undefined,
  level: Organisation['level'],
  parentId: string | null,
): string | undefined {
  const parent = parentId === null ? undefined : tree.get(parentId)
  const above = lineOf(tree, parentId)
  if (id !== undefined && above.includes(id)) return 'An organisation cannot stand below itself.'
  if (parent?.state === 'retired') return `The organisation "${parent.name}" is retired.`
  if (parent !== undefined && rank[level] < rank[parent.level])
    return `An organisation of the level ${level} cannot stand below "${parent.name}", which is of the level ${parent.level}.`
  const higher =
    id === undefined
      ? undefined
      : [...tree.values()].find(
          (each) =>
            each.parentId === id && each.state !== 'retired' && rank[each.level] < rank[level],
        )
  if (higher !== undefined)
    return `The organisation "${higher.name}" of the level ${higher.level} stands below it.`
  return above.length + heightOf(tree, id) > maxDepth
    ? `The tree would be more than ${maxDepth} organisations deep.`
    : undefined
}

/** How many organisations there are in the longest line from it downwards, itself being one. */
function heightOf(tree: Tree, id: string | undefined): number {
  if (id === undefined) return 1
  let height = 1
  for (const below of tree.keys()) height = Math.max(height, lineOf(tree, below).indexOf(id) + 1)
  return height
}
