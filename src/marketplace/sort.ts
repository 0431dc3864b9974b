import { compare, type Decimal } from '../decimal.ts'
import type { Fitting } from './facets.ts'
import type { ShownOffering } from './shown.ts'

export type SortOrder = 'relevance' | 'name' | 'price' | 'provider'

export interface Scored extends ShownOffering {
  /** How well it fits the query; 0 without one. */
  readonly score: number
}

const collators = { de: new Intl.Collator('de'), en: new Intl.Collator('en') }

/** Offerings of equal rank stay in the order of publication. */
export function sorted(
  fitting: ReadonlyArray<Fitting<Scored>>,
  order: SortOrder,
  language: 'de' | 'en',
): ReadonlyArray<Fitting<Scored>> {
  const { compare: compareTexts } = collators[language]
  switch (order) {
    case 'relevance':
      return fitting.toSorted((a, b) => b.offering.score - a.offering.score)
    case 'name':
      return fitting.toSorted((a, b) =>
        compareTexts(a.offering.displayName[language], b.offering.displayName[language]),
      )
    case 'provider':
      return fitting.toSorted((a, b) =>
        compareTexts(a.offering.provider.displayName, b.offering.provider.displayName),
      )
    case 'price':
      return fitting
        .map((each) => ({ each, lowest: lowestOf(each) }))
        .toSorted((a, b) => comparePrices(a.lowest, b.lowest))
        .map(({ each }) => each)
    default:
      return order satisfies never
  }
}

function lowestOf({ plans }: Fitting<Scored>): Decimal | undefined {
  return plans.flatMap(({ perMonth }) => perMonth ?? []).toSorted(compare)[0]
}

/** An unknown price comes last. */
function comparePrices(a: Decimal | undefined, b: Decimal | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compare(a, b)
}
