import type { CatalogOffering, CatalogPlan } from '../../catalog/snapshot.ts'
import type { CatalogWords } from '../../types.gen.ts'
import type { OfferingEntry } from '../entries/entry.ts'

interface Weighted {
  readonly text: string
  readonly weight: number
  /** Of the offering or of the plan, by which it is found however many words there are. */
  readonly isName: boolean
}

interface TextsOfOne {
  readonly of: CatalogOffering | CatalogPlan
  readonly texts: readonly Weighted[]
}

const weights = { name: 8, tag: 5, provider: 4, description: 2 }

/** The texts of an offering and of its plans that a search looks through. */
export function textsOf(entry: OfferingEntry): TextsOfOne[] {
  const weighted = (weight: number, ...texts: ReadonlyArray<string | null>): Weighted[] =>
    texts.flatMap((text) => (text === null ? [] : [{ text, weight, isName: false }]))
  const named = (name: string): Weighted => ({ text: name, weight: weights.name, isName: true })
  const both = ({ de, en }: CatalogWords) => (de === en ? [de] : [de, en])
  const { offering, provider, plans } = entry
  return [
    {
      of: offering,
      texts: [
        named(offering.name),
        ...weighted(weights.name, ...both(entry.displayName)),
        ...weighted(weights.tag, ...entry.tags, entry.category, entry.model),
        ...weighted(weights.provider, provider.name, provider.displayName),
        ...weighted(weights.description, ...both(entry.description), ...entry.regions),
      ],
    },
    ...plans.map((each) => ({
      of: each.plan,
      texts: [
        named(each.plan.name),
        ...weighted(weights.name, ...both(each.displayName)),
        ...weighted(weights.description, ...both(each.description)),
      ],
    })),
  ]
}
