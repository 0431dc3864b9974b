import { BrokerError } from '../errors.ts'
import type { CatalogItem, CatalogPage, CatalogPlanItem } from '../types.gen.ts'
import type { MarketplaceDeps } from './deps.ts'
import { namedOrganisation } from './named-organisation.ts'
import type { Reader } from './reader.ts'
import type { ShownOffering, ShownPlan } from './shown.ts'

/** The requested page: what follows the offering `after`. */
export interface Page {
  readonly limit: number
  readonly after: string | undefined
}

/**
 * A page of what the reader sees of the catalog.
 * @throws BrokerError `invalid_request` for a cursor that is not in the list any more
 */
export async function listCatalog(
  { shelf }: MarketplaceDeps,
  reader: Reader,
  { limit, after }: Page,
): Promise<CatalogPage> {
  const { offerings } = await shelf.shownTo(reader)
  const start = after === undefined ? 0 : positionAfter(offerings, after)
  const shown = offerings.slice(start, start + limit)
  return {
    organisation: namedOrganisation(reader),
    total: offerings.length,
    items: shown.map(itemOf),
    next: start + limit < offerings.length ? (shown.at(-1)?.offering.id ?? null) : null,
  }
}

function positionAfter(offerings: readonly ShownOffering[], id: string): number {
  const at = offerings.findIndex(({ offering }) => offering.id === id)
  if (at === -1)
    throw new BrokerError(
      'invalid_request',
      'cursor: the catalog has changed. Begin with the first page.',
    )
  return at + 1
}

/** An offering as lists show it. */
function itemOf(entry: ShownOffering): CatalogItem {
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
    plans: entry.plans.map(planItemOf),
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
