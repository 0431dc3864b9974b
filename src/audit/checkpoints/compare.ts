import type { Checkpoint, CheckpointHead, SetState } from './checkpoint.ts'
import type { LinkHash } from './store.ts'

/**
 * How the link at a checkpoint's position differs from it; undefined: not at all.
 * @param link  the link at that position
 * @param end  the last position of the chain
 */
export function describeOtherHead(
  { head, at }: Pick<Checkpoint, 'head' | 'at'>,
  link: LinkHash | undefined,
  end: number,
): string | undefined {
  if (head.position === 0) return undefined
  const of = `the checkpoint of ${at.toISOString()}`
  if (link === undefined)
    return head.position > end
      ? `Cut off: the chain went to position ${head.position} at ${of}; now it ends with ${end}.`
      : `Removed: position ${head.position}, the end of the chain at ${of}, is missing.`
  return isSameHead(head, link)
    ? undefined
    : `Rewritten: position ${head.position} is not as it was at ${of}.`
}

function isSameHead(head: CheckpointHead, { eventId, hash }: LinkHash): boolean {
  return head.eventId === eventId && head.hash.equals(hash)
}

/**
 * How the sealed tables lie behind what a checkpoint says of them.
 * @param sets  that Kontor made
 */
export function describeOlderSets(
  noted: ReadonlyArray<SetState & { readonly at: Date }>,
  sets: readonly SetState[],
): string[] {
  return noted.flatMap(({ table, revision, digest, at }) => {
    const of = `the checkpoint of ${at.toISOString()}`
    const set = sets.find((each) => each.table === table)
    if (set === undefined)
      return [`Set back: ${table} had revision ${revision} at ${of}; now it has none of Kontor.`]
    if (set.revision < revision)
      return [`Set back: ${table} had revision ${revision} at ${of}; now it has ${set.revision}.`]
    return set.revision === revision && !set.digest.equals(digest)
      ? [`Changed: revision ${revision} of ${table} is not as it was at ${of}.`]
      : []
  })
}
