import { BrokerError } from '../errors.ts'
import type { CatalogItem, CatalogPage, CatalogPlanItem, Language } from '../types.gen.ts'
import type { MarketplaceDeps } from './deps.ts'
import { narrow, type Chosen, type Fitting } from './facets.ts'
import { namedOrganisation } from './named-organisation.ts'
import type { Reader } from './reader.ts'
import type { Shown, ShownOffering, ShownPlan } from './shown.ts'
import { sorted, type Scored, type SortOrder } from './sort.ts'

export interface CatalogQuery {
  /** Words that have to be found; empty or absent for all. */
  readonly q?: string | undefined
  readonly chosen: Chosen
  /** Only plans that may be ordered. */
  readonly isOrderable: boolean
  /** Absent: by relevance with `q`, in the order of publication without it. */
  readonly sort?: SortOrder | undefined
  /** Of names, for sorting. */
  readonly language: Language
}

/** The requested page: what follows the offering `after`. */
export interface Page {
  readonly limit: number
  readonly after: string | undefined
}

/**
 * A page of what the reader sees of the catalog, with the facets of all pages.
 * @throws BrokerError `invalid_request` for a cursor that is not in the list any more
 */
export async function listCatalog(
  { shelf, search }: Pick<MarketplaceDeps, 'shelf' | 'search'>,
  reader: Reader,
  query: CatalogQuery,
  { limit, after }: Page,
): Promise<CatalogPage> {
  const shown = await shelf.shownTo(reader)
  const { q = '' } = query
  const offerings = query.isOrderable ? orderable(shown.offerings) : shown.offerings
  const found = await search.find(shown.entries, offerings, q)
  const { fitting, facets } = narrowed(found, query.chosen)
  const list = sorted(fitting, query.sort ?? 'relevance', query.language)
  const start = after === undefined ? 0 : positionAfter(list, after)
  const page = list.slice(start, start + limit)
  return {
    organisation: namedOrganisation(reader),
    total: list.length,
    items: page.map(itemOf),
    facets,
    next: start + limit < list.length ? (page.at(-1)?.offering.offering.id ?? null) : null,
  }
}

type Narrowed = ReturnType<typeof narrow<Scored>>

// The list and the counts of all that a reader sees, which is what most pages begin with.
const whole = new WeakMap<readonly Scored[], Narrowed>()

function narrowed(found: readonly Scored[], chosen: Chosen): Narrowed {
  if (Object.values(chosen).some((values) => values.length > 0)) return narrow(found, chosen)
  const known = whole.get(found) ?? narrow(found, chosen)
  whole.set(found, known)
  return known
}

function orderable(offerings: Shown['offerings']): ShownOffering[] {
  return offerings.flatMap((offering) => {
    const plans = offering.plans.filter(({ order }) => order.mayOrder === true)
    return plans.length === 0 ? [] : [{ ...offering, plans }]
  })
}

function positionAfter(list: ReadonlyArray<Fitting<Scored>>, id: string): number {
  const at = list.findIndex(({ offering }) => offering.offering.id === id)
  if (at === -1)
    throw new BrokerError(
      'invalid_request',
      'cursor: the catalog has changed. Begin with the first page.',
    )
  return at + 1
}

function itemOf({ offering: entry, plans }: Fitting<Scored>): CatalogItem {
  return {
    id: entry.offering.id,
    name: entry.offering.name,
    displayName: entry.displayName,
    description: entry.description,
    provider: entry.provider,
    category: entry.category,
    model: entry.model,
    protection: entry.protection,
    regions: [...entry.regions],
    attestations: [...entry.attestations],
    plans: plans.map(planItemOf),
  }
}

function planItemOf({ plan, ...entry }: ShownPlan): CatalogPlanItem {
  return {
    id: plan.id,
    name: plan.name,
    displayName: entry.displayName,
    order: entry.order,
    price: entry.price,
    fulfilment: entry.fulfilment,
    state: entry.state,
  }
}
