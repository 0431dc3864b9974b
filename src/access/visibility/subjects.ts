import type { Directory } from '../../tenancy/directory.ts'
import type { Subject } from './decide.ts'

/** @param organisationId  for whom it is; null for nobody */
export function subjectOf(
  directory: Directory,
  platformId: string,
  organisationId: string | null,
): Subject {
  const line = directory.lineOf(organisationId)
  return { platformId, line: new Set(line.map(({ id }) => id)), level: line[0]?.level ?? null }
}

/**
 * For whom a platform may order: its own organisation, those below it, which an annotation may name, and those that its
 * places are mapped to. Of those between which no rule makes a difference only one is given.
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
    distinct.set(
      `${subject.level ?? ''} ${[...subject.line].filter((each) => ruled.has(each)).join(' ')}`,
      subject,
    )
  }
  return [...distinct.values()]
}
