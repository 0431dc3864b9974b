/** How many instances there may be: of an organisation with its subtree or of all, of a plan, an offering, a provider or of all. */
export interface Quota {
  readonly id: string
  /** null: of all together. */
  readonly organisationId: string | null
  readonly providerId: string | null
  readonly offeringId: string | null
  readonly planId: string | null
  readonly instances: number
  readonly comment: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What a quota is for; there is at most one for the same. */
export type QuotaScope = Pick<Quota, 'organisationId' | 'providerId' | 'offeringId' | 'planId'>
