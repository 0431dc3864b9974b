import { createPacer } from '../../catalog/pacer.ts'
import type { CatalogPart, CatalogSnapshot } from '../../catalog/snapshot.ts'
import type { OfferingEntry } from './entry.ts'
import { makeEntry } from './make-entry.ts'

/** All published offerings at one moment, in the order of publication. */
export interface Entries {
  readonly offerings: readonly OfferingEntry[]
  readonly byId: ReadonlyMap<string, OfferingEntry>
}

export interface KnownEntries {
  /** @param day  today in UTC: prices and attestations begin and end with a day */
  of(snapshot: CatalogSnapshot, day: string): Promise<Entries>
}

/**
 * Makes entries of the parts that have changed; those of other providers stay. To read all of a
 * large catalog takes some hundred milliseconds, in which other requests go on.
 */
export function createKnownEntries(): KnownEntries {
  const ofPart = new WeakMap<CatalogPart, { day: string; made: Promise<OfferingEntry[]> }>()
  let known: { snapshot: CatalogSnapshot; day: string; entries: Promise<Entries> } | undefined

  const entriesOf = (part: CatalogPart, day: string): Promise<OfferingEntry[]> => {
    const before = ofPart.get(part)
    if (before?.day === day) return before.made
    const made = makeEntries(part, day)
    ofPart.set(part, { day, made })
    made.catch(() => ofPart.delete(part))
    return made
  }
  const join = async (snapshot: CatalogSnapshot, day: string): Promise<Entries> => {
    const offerings: OfferingEntry[] = []
    for (const part of snapshot.parts) offerings.push(...(await entriesOf(part, day)))
    return { offerings, byId: new Map(offerings.map((entry) => [entry.offering.id, entry])) }
  }
  return {
    of(snapshot, day) {
      if (known?.snapshot === snapshot && known.day === day) return known.entries
      const entries = join(snapshot, day)
      known = { snapshot, day, entries }
      entries.catch(() => (known = undefined))
      return entries
    },
  }
}

async function makeEntries(part: CatalogPart, day: string): Promise<OfferingEntry[]> {
  const pause = createPacer()
  const entries: OfferingEntry[] = []
  for (const offering of part.offerings.values()) {
    const entry = makeEntry(offering, day)
    if (entry !== undefined) entries.push(entry)
    const pausing = pause()
    if (pausing !== undefined) await pausing
  }
  return entries
}
