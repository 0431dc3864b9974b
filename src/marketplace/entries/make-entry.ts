import { readPrices } from '../../catalog/listing/prices.ts'
import { readOfferingListing, readPlanListing } from '../../catalog/listing/read-listing.ts'
import type { CatalogOffering, CatalogPlan } from '../../catalog/snapshot.ts'
import type { CatalogProvider, ListingOffering } from '../../types.gen.ts'
import type { OfferingEntry, PlanEntry } from './entry.ts'
import { priceOn } from './price.ts'
import { displayNameOf, wordsOf } from './words.ts'

const maxTags = 50
const needs = ['normal', 'hoch', 'sehr_hoch'] as const

/**
 * @param day  that prices and attestations have to be valid on
 * @returns undefined for an offering without a published plan
 */
export function makeEntry(offering: CatalogOffering, day: string): OfferingEntry | undefined {
  const published = offering.plans.filter(({ isPublished }) => isPublished)
  if (published.length === 0) return undefined
  const { metadata, description, tags } = offering.body
  const { fields } = readOfferingListing(metadata)
  const name = displayNameOf(metadata, offering.name)
  return {
    offering,
    provider: providerOf(offering),
    displayName: wordsOf(fields.i18n, 'displayName', name),
    description: wordsOf(fields.i18n, 'description', textOf(description)),
    tags: Array.isArray(tags)
      ? tags.slice(0, maxTags).filter((tag) => typeof tag === 'string')
      : [],
    category: fields.category ?? null,
    model: fields.model ?? null,
    protection: protectionOf(fields),
    regions: [...new Set(fields.location?.regions ?? [])],
    attestations: validAttestations(fields, day),
    plans: published.map((plan) => makePlan(plan, fields, day)),
  }
}

function makePlan(plan: CatalogPlan, offering: ListingOffering, day: string): PlanEntry {
  const { metadata, description, free } = plan.body
  const { fields } = readPlanListing(metadata)
  const { components } = readPrices(metadata, fields)
  const term = fields.minTermMonths ?? offering.contract?.minTermMonths ?? null
  return {
    plan,
    displayName: wordsOf(fields.i18n, 'displayName', displayNameOf(metadata, plan.name)),
    description: wordsOf(fields.i18n, 'description', textOf(description)),
    ...priceOn(day, components, free === true, term),
    fulfilment: fields.fulfilment?.kind ?? null,
    state: fields.lifecycle?.state ?? 'active',
  }
}

/** Kontor itself has written both fields (see catalog/published.ts). */
function providerOf({ body, name, plans }: CatalogOffering): CatalogProvider {
  const metadata = body['metadata'] as
    | { readonly providerDisplayName?: string; readonly kontor?: { readonly provider?: string } }
    | undefined
  const label = plans[0]?.target.providerLabel ?? name
  return {
    name: metadata?.kontor?.provider ?? label,
    displayName: metadata?.providerDisplayName ?? label,
  }
}

/** An offering is as good as the weakest of the three. */
function protectionOf({ protection }: ListingOffering): OfferingEntry['protection'] {
  if (protection === undefined) return null
  const { confidentiality, integrity, availability } = protection
  return needs.find((need) => [confidentiality, integrity, availability].includes(need)) ?? null
}

function validAttestations({ attestations = [] }: ListingOffering, day: string): string[] {
  return [...new Set(attestations.filter(({ validTo }) => day <= validTo).map(({ kind }) => kind))]
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
