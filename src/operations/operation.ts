import type { OperationKind, OperationState } from './states.ts'

/**
 * One row of `operations`. Ids named `...Key` are Kontor's; `instanceId` and `bindingId` are the
 * platform's.
 */
export interface Operation {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  /** The organisation for which it was ordered; null: the platform has none. */
  readonly organisationId: string | null
  readonly instanceKey: string
  readonly bindingKey: string | null
  readonly instanceId: string
  readonly bindingId: string | null
  readonly kind: OperationKind
  readonly state: OperationState
  /** Raised by each claim; a result is written only if it still matches. */
  readonly fencingToken: number
  /** How often the present state was retried. */
  readonly retries: number
  /** How many steps in a row failed by an internal error. */
  readonly internalErrors: number
  /** When the claim ends unless it is renewed. */
  readonly leaseUntil: Date | null
  /** When the next step is due; null: a process holds the claim, or no worker is to take it. */
  readonly nextStepAt: Date | null
  readonly deadlineAt: Date
  /** Until then a call that got no answer may still arrive at the provider. */
  readonly inDoubtUntil: Date | null
  readonly acceptsIncomplete: boolean
  readonly change: Buffer | null
  readonly requestDigest: Buffer | null
  readonly upstreamOperation: string | null
  readonly originatingIdentity: string | null
  readonly requestIdentity: string | null
  readonly description: string | null
  /** What the provider said about the instance with its doubtful answer. */
  readonly instanceUsable: boolean | null
  /**
   * When the call began that the provider works on; null: it works on none, or the time is unknown.
   */
  readonly sentAt: Date | null
  readonly createdAt: Date
}

/** What last_operation reads. */
export interface OperationReport {
  readonly id: string
  readonly kind: OperationKind
  readonly state: OperationState
  readonly description: string | null
  readonly instanceUsable: boolean | null
  readonly updateRepeatable: boolean | null
  readonly nextStepAt: Date | null
  readonly sentAt: Date | null
  readonly finishedAt: Date | null
  /** Of its instance. */
  readonly offeringId: string
  /** That of its instance when the operation was ordered; of an old row, as it is now. */
  readonly planId: string
}

/** The instance or binding of a poll. */
export interface ReportKey {
  readonly platformId: string
  readonly instanceId: string
  /** null: the operations of the instance itself */
  readonly bindingId: string | null
}
