import type { CatalogFinding } from '../../types.gen.ts'

/** The provider's id of an offering that the finding withholds as a whole, if it has one. */
export function withheldOffering({ effect, offeringId }: CatalogFinding): string[] {
  return effect === 'offering_withheld' && offeringId !== undefined ? [offeringId] : []
}

/** The provider's id of a plan that the finding withholds, if it has one. */
export function withheldPlan({ effect, planId }: CatalogFinding): string[] {
  return effect === 'plan_withheld' && planId !== undefined ? [planId] : []
}
