// What people narrow the catalog by. Each facet counts what the others leave, because a further
// value of the same facet widens the result.
import type { CatalogFacet } from '../types.gen.ts'
import type { ShownOffering, ShownPlan } from './shown.ts'

export const facetNames = [
  'category',
  'provider',
  'protection',
  'region',
  'model',
  'price',
  'fulfilment',
  'attestation',
] as const

export type FacetName = (typeof facetNames)[number]

/** The chosen values of each facet; one of them has to fit. */
export type Chosen = Readonly<Partial<Record<FacetName, readonly string[]>>>

type Values = readonly string[]

const nothing: Values = []
const one = (value: string | null): Values => (value === null ? nothing : [value])

// What meets a high protection need meets the normal one, too.
const protections: Readonly<Record<string, Values>> = {
  normal: ['normal'],
  hoch: ['normal', 'hoch'],
  sehr_hoch: ['normal', 'hoch', 'sehr_hoch'],
}

const ofOffering: Partial<Record<FacetName, (entry: ShownOffering) => Values>> = {
  category: ({ category }) => one(category),
  provider: ({ provider }) => [provider.name],
  protection: ({ protection }) =>
    protection === null ? nothing : (protections[protection] ?? nothing),
  region: ({ regions }) => regions,
  model: ({ model }) => one(model),
  attestation: ({ attestations }) => attestations,
}
const ofPlan: Partial<Record<FacetName, (entry: ShownPlan) => Values>> = {
  price: ({ price }) => [price.class],
  fulfilment: ({ fulfilment }) => one(fulfilment),
}

const offeringFacets = facetNames.filter((name) => name in ofOffering)
const planFacets = facetNames.filter((name) => name in ofPlan)

/** An offering with those of its plans that fit. */
export interface Fitting<Offering extends ShownOffering> {
  readonly offering: Offering
  readonly plans: readonly ShownPlan[]
}

/**
 * Narrows offerings by the chosen values, and counts those that each value would leave.
 * @param offerings  only what the reader sees: nothing else may be counted
 */
export function narrow<Offering extends ShownOffering>(
  offerings: readonly Offering[],
  chosen: Chosen,
): { readonly fitting: ReadonlyArray<Fitting<Offering>>; readonly facets: CatalogFacet[] } {
  const counts = new Map(facetNames.map((name) => [name, new Counts(name)]))
  const count = (name: FacetName, offering: ShownOffering, values: Values): void => {
    counts.get(name)?.add(offering, values)
  }
  const active = facetNames.filter((name) => (chosen[name] ?? nothing).length > 0)
  const fitting: Array<Fitting<Offering>> = []
  for (const offering of offerings) {
    const failed = active.filter((name) => !fits(ofOffering[name]?.(offering), chosen[name]))
    // Two facets that exclude it exclude it from the counts of all.
    if (failed.length > 1) continue
    const [excluding] = failed
    const plans: ShownPlan[] = []
    for (const plan of offering.plans) {
      const failing = active.filter((name) => !fits(ofPlan[name]?.(plan), chosen[name]))
      if (failing.length === 0) plans.push(plan)
      if (excluding !== undefined || failing.length > 1) continue
      for (const name of planFacets)
        if (failing.length === 0 || failing[0] === name)
          count(name, offering, ofPlan[name]?.(plan) ?? nothing)
    }
    if (plans.length === 0) continue
    for (const name of offeringFacets)
      if (excluding === undefined || excluding === name)
        count(name, offering, ofOffering[name]?.(offering) ?? nothing)
    if (excluding === undefined) fitting.push({ offering, plans })
  }
  return {
    fitting,
    facets: [...counts.values()].map((each) => each.shown(chosen[each.name] ?? nothing)),
  }
}

/** A facet of the other kind lets all through. */
function fits(values: Values | undefined, chosen: Values = nothing): boolean {
  return values === undefined || values.some((value) => chosen.includes(value))
}

const maxValues = 100

/** How many offerings have each value; an offering counts once however many plans have it. */
class Counts {
  readonly name: FacetName
  readonly #counts = new Map<string, { count: number; last: ShownOffering; label: string }>()

  constructor(name: FacetName) {
    this.name = name
  }

  add(offering: ShownOffering, values: Values): void {
    for (const value of values) {
      const known = this.#counts.get(value)
      if (known === undefined) {
        const label = this.name === 'provider' ? offering.provider.displayName : value
        this.#counts.set(value, { count: 1, last: offering, label })
      } else if (known.last !== offering) {
        known.count++
        known.last = offering
      }
    }
  }

  /** Most frequent first; chosen values are there even where they count nothing. */
  shown(chosen: Values): CatalogFacet {
    const values = [...this.#counts].map(([value, { count, label }]) => ({
      value,
      label,
      count,
      chosen: chosen.includes(value),
    }))
    const absent = chosen
      .filter((value) => !this.#counts.has(value))
      .map((value) => ({ value, label: value, count: 0, chosen: true }))
    const sorted = [...values, ...absent].toSorted(
      (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
    )
    const kept = sorted.filter((each, at) => at < maxValues || each.chosen)
    return { name: this.name, values: kept }
  }
}
