/**
 * The maximum number of instances of an organisation's subtree or of all, for a plan, an offering,
 * a provider or all.
 */
export interface Quota {
  readonly id: string
  /** null: all organisations together. */
  readonly organisationId: string | null
  readonly providerId: string | null
  readonly offeringId: string | null
  readonly planId: string | null
  readonly instances: number
  readonly comment: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What a quota counts; no two quotas count the same. */
export type QuotaScope = Pick<Quota, 'organisationId' | 'providerId' | 'offeringId' | 'planId'>
