import type { InstanceRef } from '../backends/backend.ts'

/**
 * Why something may be left at a provider:
 *  - `doubtful_call`  a call that got no answer may still arrive
 *  - `late_call`      a process made the call after it had lost its claim
 *  - `retained`       the mitigation policy keeps it for a while, or until a person decides
 *  - `abandoned`      an operator abandoned the operation
 */
export type OrphanCause = 'doubtful_call' | 'late_call' | 'retained' | 'abandoned'

/**
 *  - `open`       Kontor removes it from `nextRetryAt` on; without that it waits for a person
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

/** The operation that may have left something. */
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
  /** When to remove it; null: when a person decides. */
  readonly nextRetryAt: Date | null
  /** Before this, "gone" is not final. */
  readonly inDoubtUntil?: Date | undefined
}

/** One claimed orphan. */
export interface Orphan {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  /** The organisation for which it was ordered; null: the platform has none. */
  readonly organisationId: string | null
  readonly operationId: string
  readonly instanceId: string
  readonly bindingId: string | null
  readonly resource: OrphanedResource
  readonly cause: OrphanCause
  readonly fencingToken: number
  readonly retries: number
  readonly inDoubtUntil: Date | null
  /** The order took effect after all: nothing is to be removed. */
  readonly isVoid: boolean
}
