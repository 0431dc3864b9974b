import type { InstanceRef } from '../backends/backend.ts'

/**
 * Why something may be left at a provider:
 *  - `doubtful_call`  a call that got no answer may still arrive
 *  - `late_call`      a process made the call after its claim was lost
 *  - `held`           the provider's policy wants it kept for a while, or until a person has looked
 *  - `abandoned`      an operator gave the operation up
 */
export type OrphanCause = 'doubtful_call' | 'late_call' | 'retained' | 'abandoned'

/**
 *  - `open`       to be removed when its time has come; without a time it waits for a person
 *  - `removed`    the provider says that it is gone
 *  - `void`       the order took effect after all
 *  - `forgotten`  an operator decided that it stays
 */
export type OrphanState = 'open' | 'removed' | 'void' | 'forgotten'

/** An instance at a provider, or one binding of it. */
export interface OrphanedResource {
  readonly instance: InstanceRef
  /** The provider's id of the binding; absent for the instance itself. */
  readonly bindingId?: string | undefined
}

/** The order that may have left something. */
export interface OrphaningOperation {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  readonly instanceId: string
  readonly bindingId: string | null
}

export interface NewOrphan {
  readonly operation: OrphaningOperation
  readonly resource: OrphanedResource
  readonly cause: OrphanCause
  /** When it is removed; null: when a person says so. */
  readonly nextRetryAt: Date | null
  /** Before this, "it is gone" is not the last word. */
  readonly inDoubtUntil?: Date | undefined
}

/** One claimed orphan. */
export interface Orphan {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  /** For which it was ordered; null: by a platform without one. */
  readonly organisationId: string | null
  readonly operationId: string
  readonly instanceId: string
  readonly bindingId: string | null
  readonly resource: OrphanedResource
  readonly cause: OrphanCause
  readonly fencingToken: number
  readonly retries: number
  readonly inDoubtUntil: Date | null
  /** The order took effect after all, so that there is nothing to remove. */
  readonly isVoid: boolean
}
