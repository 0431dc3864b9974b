import type { Refusal } from '../backends/backend.ts'

/**
 * Why an operation failed: a refusal of the provider, or one of these. `abandoned`: its caller had
 * gone before the call, and none was made.
 */
export type FailureReason = Refusal['reason'] | 'timeout' | 'provider_failed' | 'abandoned'

export interface Failure {
  readonly reason: FailureReason
  readonly description: string
  /** HTTP status of the provider's answer, if it sent one. */
  readonly status?: number | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly instanceUsable?: boolean | undefined
  readonly updateRepeatable?: boolean | undefined
}

/**
 * The mitigation policy keeps at the provider what the order may have left: until then, or (null)
 * until an operator decides.
 */
export interface Retained {
  readonly until: Date | null
  /** Until then the call may still arrive. */
  readonly inDoubtUntil: Date | undefined
}

/**
 * The result of a step: the next state, and what goes with it. `failure` in a state other than
 * `failed` is what the platform will get while Kontor cleans up. Without a `description` the
 * operation keeps the one it has; null removes it.
 */
export type StepResult =
  /**
   * `unconfirmed`: an operator gave it up, and the provider was not asked; `byOperator`: an
   * operator said that it is done.
   */
  | {
      readonly state: 'succeeded'
      readonly result: unknown
      readonly description?: string | null | undefined
      readonly unconfirmed?: true
      readonly byOperator?: true
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
      readonly description?: string | null | undefined
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
