import type { Checkpoint, SetState } from './checkpoint.ts'

/** What checkpoints say of the sealed tables, whatever the order in which they are read. */
export interface SetHistory {
  add(checkpoint: Checkpoint): void
  /** The highest revision of each table. */
  newest(): ReadonlyArray<SetState & { readonly at: Date }>
  /** How one checkpoint contradicts another one, a sentence each: a table was set back between. */
  contradictions(): readonly string[]
}

interface Moment {
  /** Of the end of the audit chain. */
  readonly position: number
  readonly at: Date
}

/** The checkpoints that have the same revision of a table. */
interface Sighting {
  readonly digest: Buffer
  first: Moment
  last: Moment
}

// The memory for a table: beyond it, every second revision is forgotten.
const maxRevisions = 20_000
// Clocks of processes may differ by that.
const maxSkewMs = 30_000

export function createSetHistory(): SetHistory {
  const tables = new Map<string, Map<bigint, Sighting>>()
  const changed: string[] = []
  return {
    add({ sets, head: { position }, at }) {
      const moment = { position, at }
      for (const { table, revision, digest } of sets) {
        const sightings = tables.get(table) ?? new Map<bigint, Sighting>()
        tables.set(table, sightings)
        const known = sightings.get(revision)
        if (known === undefined) {
          sightings.set(revision, { digest, first: moment, last: moment })
          if (sightings.size > maxRevisions) thinOut(sightings)
        } else {
          if (!known.digest.equals(digest))
            changed.push(
              `Changed: revision ${revision} of ${table} had other rows at ` +
                `${named(known.first)} than at ${named(moment)}.`,
            )
          if (isBefore(moment, known.first)) known.first = moment
          if (isBefore(known.last, moment)) known.last = moment
        }
      }
    },
    newest: () =>
      [...tables].flatMap(([table, sightings]) => {
        const [newest] = descending(sightings)
        return newest === undefined
          ? []
          : [{ table, revision: newest[0], digest: newest[1].digest, at: newest[1].first.at }]
      }),
    contradictions: () =>
      [...tables].flatMap(([table, each]) => fallsOf(table, each)).concat(changed),
  }
}

/** Each revision that a checkpoint has after another one had a higher one. */
function fallsOf(table: string, sightings: ReadonlyMap<bigint, Sighting>): string[] {
  const falls: string[] = []
  // Of all higher revisions, the one that was seen first.
  let higher: { readonly revision: bigint; readonly first: Moment } | undefined
  for (const [revision, { first, last }] of descending(sightings)) {
    if (higher !== undefined && isSurelyBefore(higher.first, last))
      falls.push(
        `Set back: ${table} had revision ${higher.revision} at ${named(higher.first)}; ` +
          `at the later one of ${last.at.toISOString()} it had ${revision}.`,
      )
    if (higher === undefined || isBefore(first, higher.first)) higher = { revision, first }
  }
  return falls
}

function descending(
  sightings: ReadonlyMap<bigint, Sighting>,
): ReadonlyArray<readonly [bigint, Sighting]> {
  return [...sightings].toSorted(([one], [other]) => (one > other ? -1 : 1))
}

function thinOut(sightings: Map<bigint, Sighting>): void {
  for (const [index, [revision]] of descending(sightings).entries())
    if (index % 2 === 1) sightings.delete(revision)
}

function isBefore(one: Moment, other: Moment): boolean {
  return one.position === other.position ? one.at < other.at : one.position < other.position
}

/**
 * As the chain only grows, its position tells the order where clocks may not; unless its end was
 * cut, which the clocks tell then.
 */
function isSurelyBefore(one: Moment, other: Moment): boolean {
  const laterMs = other.at.getTime() - one.at.getTime()
  return one.position === other.position
    ? laterMs > maxSkewMs
    : one.position < other.position && laterMs > -maxSkewMs
}

const named = ({ at }: Moment): string => `the checkpoint of ${at.toISOString()}`
