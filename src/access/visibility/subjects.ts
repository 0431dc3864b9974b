import type { Directory } from '../../tenancy/directory.ts'
import type { Subject } from './decide.ts'

/** @param organisationId  that the order is for; null for none */
export function subjectOf(
  directory: Directory,
  platformId: string,
  organisationId: string | null,
): Subject {
  const ancestors = directory.ancestorsOf(organisationId)
  return {
    platformId,
    ancestors: new Set(ancestors.map(({ id }) => id)),
    level: ancestors[0]?.level ?? null,
  }
}

/**
 * The subjects that a platform may order for: its owner, the organisations below that, which an
 * annotation may name, and those of its mappings. Of subjects between which no rule makes a
 * difference, only one is returned.
 * @param ruled  ids of the organisations that rules name
 */
export function subjectsOf(
  directory: Directory,
  platformId: string,
  ruled: ReadonlySet<string>,
): Subject[] {
  const own = directory.platform(platformId)?.organisationId ?? null
  const below =
    own === null
      ? []
      : [...directory.subtreeOf(own)].filter(
          (id) => directory.organisation(id)?.state !== 'retired',
        )
  const distinct = new Map<string, Subject>()
  for (const id of [own, ...below, ...directory.mappedFrom(platformId)]) {
    const subject = subjectOf(directory, platformId, id)
    const ruledAncestors = [...subject.ancestors].filter((each) => ruled.has(each))
    distinct.set(`${subject.level ?? ''} ${ruledAncestors.join(' ')}`, subject)
  }
  return [...distinct.values()]
}
