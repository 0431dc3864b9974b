import type { OperationKind, OperationState } from './states.ts'

/** One operation's row. Ids named `...Key` are ours, `instanceId` and `bindingId` are the platform's. */
export interface Operation {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  /** For which it was ordered; null: by a platform without one. */
  readonly organisationId: string | null
  readonly instanceKey: string
  readonly bindingKey: string | null
  readonly instanceId: string
  readonly bindingId: string | null
  readonly kind: OperationKind
  readonly state: OperationState
  /** Raised by each claim; what a claim found out is written only while it still matches. */
  readonly fencingToken: number
  /** How often the present state has been tried without getting on. */
  readonly retries: number
  /** How often a step broke off by an error of ours since the last good one. */
  readonly internalErrors: number
  /** When the claim ends if it is not renewed. */
  readonly leaseUntil: Date | null
  /** When it goes on; null while somebody has it, and when nobody is to take it up. */
  readonly nextStepAt: Date | null
  readonly deadlineAt: Date
  /** Until then a call that left us without an answer may still arrive at the provider. */
  readonly inDoubtUntil: Date | null
  readonly acceptsIncomplete: boolean
  readonly change: Buffer | null
  readonly requestDigest: Buffer | null
  readonly upstreamOperation: string | null
  readonly originatingIdentity: string | null
  readonly requestIdentity: string | null
  readonly description: string | null
  /** What the provider said with the answer that left us in doubt. */
  readonly instanceUsable: boolean | null
  /** When the call was begun that the provider works on; null: it works on none, or nobody saw. */
  readonly sentAt: Date | null
  readonly createdAt: Date
}

/** What an order needs to say of a new operation. */
export interface NewOperation {
  readonly id: string
  readonly platformId: string
  readonly providerId: string
  readonly instanceKey: string
  readonly bindingKey?: string
  readonly instanceId: string
  readonly bindingId?: string
  readonly kind: OperationKind
  readonly acceptsIncomplete: boolean
  readonly deadlineAt: Date
  /** Taken over from the operation that a delete halts. */
  readonly inDoubtUntil?: Date | undefined
  readonly change?: Buffer
  /** The plan that an update leads to, if it is another one. */
  readonly targetPlanId?: string | undefined
  readonly requestDigest?: Buffer
  readonly originatingIdentity?: string | undefined
  readonly requestIdentity?: string | undefined
}

/** What last_operation tells. */
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
  /** Of its instance, as it is now. */
  readonly offeringId: string
  readonly planId: string
}

/** Whose operations are asked for. */
export interface ReportKey {
  readonly platformId: string
  readonly instanceId: string
  /** null: of the instance itself */
  readonly bindingId: string | null
}
