import type { CatalogOffering, CatalogPlan } from '../../catalog/snapshot.ts'
import type { CatalogPlanItem, CatalogProvider, CatalogWords, PlanPrice } from '../../types.gen.ts'
import type { Decimal } from '../../decimal.ts'

/**
 * What lists of the catalog need of an offering, in memory for each published one. Its page reads
 * the rest from the catalog.
 */
export interface OfferingEntry {
  readonly offering: CatalogOffering
  readonly provider: CatalogProvider
  readonly displayName: CatalogWords
  readonly description: CatalogWords
  readonly tags: readonly string[]
  readonly category: string | null
  readonly model: string | null
  readonly protection: 'normal' | 'hoch' | 'sehr_hoch' | null
  readonly regions: readonly string[]
  /** Kinds of those that are valid today. */
  readonly attestations: readonly string[]
  /** Published ones, in the order of the provider. */
  readonly plans: readonly PlanEntry[]
}

export interface PlanEntry {
  readonly plan: CatalogPlan
  readonly displayName: CatalogWords
  readonly description: CatalogWords
  readonly price: PlanPrice
  /** What `price.perMonth` says, or 0 for a free plan; undefined where it says nothing. */
  readonly perMonth: Decimal | undefined
  readonly fulfilment: string | null
  readonly state: CatalogPlanItem['state']
}
