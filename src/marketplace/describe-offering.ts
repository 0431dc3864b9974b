import { readOfferingListing } from '../catalog/listing/read-listing.ts'
import { BrokerError } from '../errors.ts'
import type { CatalogOfferingView, CatalogWords, ListingOffering } from '../types.gen.ts'
import { attestationsOn } from './attestations.ts'
import type { MarketplaceDeps } from './deps.ts'
import { documentsOf } from './documents.ts'
import { measure } from './measured/measure.ts'
import { namedOrganisation } from './named-organisation.ts'
import type { Reader } from './reader.ts'
import { planView } from './plan-view.ts'

const maxText = 5_000

/**
 * An offering with all that its provider says of it, and the plans that the reader sees.
 * @param reference  its published id or name
 * @throws BrokerError `not_found`, for one that the reader may not see as for an unknown one
 */
export async function describeOffering(
  deps: MarketplaceDeps,
  reader: Reader,
  reference: string,
): Promise<CatalogOfferingView> {
  const { byId, offerings } = await deps.shelf.shownTo(reader)
  const entry = byId.get(reference) ?? offerings.find(({ offering }) => offering.name === reference)
  if (entry === undefined) throw new BrokerError('not_found', 'There is no such offering.')
  const { offering } = entry
  const measuredOf = await measure(
    deps,
    reader,
    entry.plans.map(({ plan }) => plan.id),
  )
  const { fields } = readOfferingListing(offering.body['metadata'])
  return {
    organisation: namedOrganisation(reader),
    id: offering.id,
    name: offering.name,
    displayName: entry.displayName,
    description: entry.description,
    longDescription: longDescriptionOf(offering.body['metadata'], fields),
    provider: entry.provider,
    category: entry.category,
    model: entry.model,
    protection: entry.protection,
    regions: [...entry.regions],
    tags: [...entry.tags],
    attestations: attestationsOn(deps.now(), fields),
    documents: documentsOf(offering.body['metadata'], fields),
    listing: fields,
    plans: entry.plans.map((plan) => planView(plan, entry, measuredOf(plan.plan.id))),
  }
}

function longDescriptionOf(metadata: unknown, { i18n }: ListingOffering): CatalogWords | null {
  const { longDescription: given } = (metadata ?? {}) as { readonly longDescription?: unknown }
  const plain = typeof given === 'string' && given !== '' ? given.slice(0, maxText) : undefined
  const [de, en] = [i18n?.de?.longDescription, i18n?.en?.longDescription]
  const german = de ?? en ?? plain
  const english = en ?? de ?? plain
  return german === undefined || english === undefined ? null : { de: german, en: english }
}
