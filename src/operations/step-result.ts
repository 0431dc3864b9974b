import type { Refusal } from '../backends/backend.ts'

/** Why an operation failed, for the platform: a refusal of the provider, or one of these. */
export type FailureReason = Refusal['reason'] | 'timeout' | 'provider_failed'

export interface Failure {
  readonly reason: FailureReason
  readonly description: string
  /** HTTP status of the provider's answer, if there was one. */
  readonly status?: number | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly instanceUsable?: boolean | undefined
  readonly updateRepeatable?: boolean | undefined
}

/** What may be left at the provider is kept there: until then, or (null) until a person says so. */
export interface Retained {
  readonly until: Date | null
  /** Until then a call may still arrive. */
  readonly inDoubtUntil: Date | undefined
}

/**
 * What a step found out: where the operation goes from here.
 * `failure` with a state that is not `failed` yet is what the platform is told while the rest is cleaned up.
 */
export type StepResult =
  /** `unconfirmed`: by an operator's word, the provider was not asked. */
  | {
      readonly state: 'succeeded'
      readonly result: unknown
      readonly description?: string | undefined
      readonly unconfirmed?: true
    }
  | {
      readonly state: 'failed'
      readonly failure: Failure
      readonly retained?: Retained | undefined
    }
  | {
      readonly state: 'waiting'
      readonly result?: unknown
      readonly sentAt?: Date | undefined
      readonly upstreamOperation?: string | undefined
      readonly nextStepAt: Date
      readonly retries: number
      readonly description?: string | undefined
    }
  | {
      readonly state: 'accepted' | 'uncertain' | 'compensating'
      readonly inDoubtUntil?: Date | undefined
      readonly nextStepAt: Date
      readonly retries: number
      readonly upstreamOperation?: string | undefined
      readonly failure?: Failure | undefined
      readonly description?: string | undefined
    }
  | { readonly state: 'parked'; readonly failure: Failure }
