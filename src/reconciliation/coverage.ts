import { nameOf, type Identity, type ObjectKind } from './finding.ts'
import type { OpenBefore } from './open-before.ts'

type Thing = Omit<Identity, 'kind'>

/**
 * What a run has answers on, as far as that can resolve a finding. A finding without an answer
 * stays as it was.
 */
export interface Coverage {
  /** The provider has it, with the same values in these fields; other fields remain open. */
  seen(thing: Thing, agreed: readonly string[]): void
  hasSeen(object: ObjectKind, upstreamId: string): boolean
  agreesIn(thing: Thing, field: string): boolean
  /** A listing names something that Kontor does not have, or no longer has. */
  listed(thing: Thing): void
  isListed(thing: Thing): boolean
  /** A listing names an instance without its bindings. */
  withoutBindings(instanceId: string): void
  /** Whether a listing that is read to its end would have named it. */
  isCovered(thing: Thing): boolean
}

export function createCoverage(open: OpenBefore): Coverage {
  const seen = {
    instance: new Map<string, ReadonlySet<string>>(),
    binding: new Map<string, ReadonlySet<string>>(),
  }
  // Only what has an open finding, because a listing may be long.
  const listed = new Set<string>()
  const withoutList = new Set<string>()
  const nameOfUnknown = (thing: Thing): string => nameOf({ ...thing, kind: 'unknown' })
  const once = sharedSets()
  return {
    seen({ object, upstreamId }, agreed) {
      seen[object].set(upstreamId, once([...(seen[object].get(upstreamId) ?? []), ...agreed]))
    },
    hasSeen: (object, upstreamId) => seen[object].has(upstreamId),
    agreesIn: ({ object, upstreamId }, field) => seen[object].get(upstreamId)?.has(field) === true,
    listed(thing) {
      const name = nameOfUnknown(thing)
      if (open.fields.has(name)) listed.add(name)
    },
    isListed: (thing) => listed.has(nameOfUnknown(thing)),
    withoutBindings(instanceId) {
      if (open.bindingsIn.has(instanceId)) withoutList.add(instanceId)
    },
    isCovered: ({ object, upstreamInstanceId }) =>
      object === 'instance' || !withoutList.has(upstreamInstanceId),
  }
}

// Saves memory: thousands of instances agree in the same fields.
function sharedSets(): (fields: readonly string[]) => ReadonlySet<string> {
  const sets = new Map<string, ReadonlySet<string>>()
  return (fields) => {
    const name = JSON.stringify(fields)
    const known = sets.get(name)
    if (known !== undefined) return known
    const set = new Set(fields)
    sets.set(name, set)
    return set
  }
}
