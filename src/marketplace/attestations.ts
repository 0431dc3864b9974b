import type { CatalogAttestation, ListingOffering } from '../types.gen.ts'

/** All attestations that an offering states, expired ones too. */
export function attestationsOn(
  now: Date,
  { attestations = [] }: ListingOffering,
): CatalogAttestation[] {
  const day = now.toISOString().slice(0, 10)
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
