import { storable } from '../inspection.ts'
import type { CatalogFinding, Offering, Plan } from '../../types.gen.ts'
import { readPrices } from './prices.ts'
import { readOfferingListing, readPlanListing, type ListingFault } from './read-listing.ts'

/**
 * A finding for each listing field that the catalog for people leaves out. The offering itself is
 * published as it is: its `metadata` belongs to the provider and to platforms.
 * @param path  JSON pointer to the offering
 */
export function offeringFaults(
  { metadata }: Pick<Offering, 'metadata'>,
  path: string,
): CatalogFinding[] {
  return findingsOf(path, readOfferingListing(metadata).faults)
}

/** As `offeringFaults`, for the listing fields and the prices of a plan. */
export function planFaults({ metadata }: Pick<Plan, 'metadata'>, path: string): CatalogFinding[] {
  if (metadata === undefined) return []
  const { fields, faults } = readPlanListing(metadata)
  return findingsOf(path, [...faults, ...readPrices(metadata, fields).faults])
}

function findingsOf(path: string, faults: readonly ListingFault[]): CatalogFinding[] {
  return faults.map(({ pointer, problem }) => ({
    path: `${path}/metadata${pointer}`,
    problem: storable(`The catalog for people leaves this out: ${problem}.`),
    effect: 'field_dropped',
  }))
}
