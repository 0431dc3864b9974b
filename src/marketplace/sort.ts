import { compare, type Decimal } from '../decimal.ts'
import type { Fitting } from './facets.ts'
import type { ShownOffering } from './shown.ts'
import type { Language } from '../types.gen.ts'

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
  language: Language,
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

interface Lowest {
  readonly currency: string
  readonly amount: Decimal
}

function lowestOf({ plans }: Fitting<Scored>): Lowest | undefined {
  return plans
    .flatMap(({ perMonth: amount, price }) =>
      amount === undefined ? [] : [{ currency: price.currency ?? 'EUR', amount }],
    )
    .toSorted(comparePrices)[0]
}

/** Euros come first, then each other currency for itself; an unknown price comes last. */
function comparePrices(a: Lowest | undefined, b: Lowest | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (a.currency === b.currency) return compare(a.amount, b.amount)
  if (a.currency === 'EUR' || b.currency === 'EUR') return a.currency === 'EUR' ? -1 : 1
  return a.currency < b.currency ? -1 : 1
}
