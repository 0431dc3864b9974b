import { readOfferingListing, readPlanListing } from '../catalog/listing/read-listing.ts'
import { BrokerError } from '../errors.ts'
import type {
  CatalogAttestation,
  CatalogOfferingView,
  CatalogPlan as CatalogPlanView,
  CatalogWords,
  ListingOffering,
} from '../types.gen.ts'
import type { MarketplaceDeps } from './deps.ts'
import { documentsOf } from './documents.ts'
import { namedOrganisation } from './named-organisation.ts'
import type { Reader } from './reader.ts'
import type { ShownOffering, ShownPlan } from './shown.ts'

const maxBullets = 20
const maxText = 5_000

/**
 * An offering with all that its provider says of it, and the plans that the reader sees.
 * @param reference  its published id or name
 * @throws BrokerError `not_found`, for one that the reader may not see as for an unknown one
 */
export async function describeOffering(
  { shelf, now }: MarketplaceDeps,
  reader: Reader,
  reference: string,
): Promise<CatalogOfferingView> {
  const { byId, offerings } = await shelf.shownTo(reader)
  const entry = byId.get(reference) ?? offerings.find(({ offering }) => offering.name === reference)
  if (entry === undefined) throw new BrokerError('not_found', 'There is no such offering.')
  const { offering } = entry
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
    attestations: attestationsOn(now().toISOString().slice(0, 10), fields),
    documents: documentsOf(offering.body['metadata'], fields),
    listing: fields,
    plans: entry.plans.map((plan) => planOf(plan, entry)),
  }
}

function attestationsOn(day: string, { attestations = [] }: ListingOffering): CatalogAttestation[] {
  return attestations.map((each) => ({
    kind: each.kind,
    version: each.version ?? null,
    type: each.type ?? null,
    validFrom: each.validFrom ?? null,
    validTo: each.validTo,
    evidenceUrl: each.evidenceUrl ?? null,
    isExpired: each.validTo < day,
  }))
}

function longDescriptionOf(metadata: unknown, { i18n }: ListingOffering): CatalogWords | null {
  const { longDescription: given } = (metadata ?? {}) as { readonly longDescription?: unknown }
  const plain = typeof given === 'string' && given !== '' ? given.slice(0, maxText) : undefined
  const [de, en] = [i18n?.de?.longDescription, i18n?.en?.longDescription]
  const german = de ?? en ?? plain
  const english = en ?? de ?? plain
  return german === undefined || english === undefined ? null : { de: german, en: english }
}

function planOf(entry: ShownPlan, { offering }: ShownOffering): CatalogPlanView {
  const { plan } = entry
  const { fields } = readPlanListing(plan.body['metadata'])
  const { bullets } = (plan.body['metadata'] ?? {}) as { readonly bullets?: unknown }
  return {
    id: plan.id,
    name: plan.name,
    displayName: entry.displayName,
    description: entry.description,
    bullets: Array.isArray(bullets)
      ? bullets
          .filter((each) => typeof each === 'string')
          .slice(0, maxBullets)
          .map((each) => each.slice(0, 255))
      : [],
    order: entry.order,
    price: entry.price,
    fulfilment: entry.fulfilment,
    expectedHours: fields.fulfilment?.expectedHours ?? null,
    approval: fields.approval ?? null,
    extraChecks: [...(fields.extraChecks ?? [])],
    state: entry.state,
    endOfSale: fields.lifecycle?.endOfSale ?? null,
    endOfLife: fields.lifecycle?.endOfLife ?? null,
    updateable: plan.updateable && offering.plans.length > 1,
    bindable: plan.bindable,
    rotatable: plan.rotatable,
    maintenanceVersion: plan.maintenanceVersion ?? null,
  }
}
