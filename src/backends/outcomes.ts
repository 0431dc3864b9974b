// What a back end answers to a call that changes something. Part of the contract in backend.ts.
import type { BindResponse, InstanceMetadata } from '../types.gen.ts'

/** The result of a provision or an update. What is absent stays as Kontor knows it. */
export interface InstanceResult {
  readonly dashboardUrl?: string
  readonly metadata?: InstanceMetadata
  /** Fields that the specification does not define; passed on to the platform unchanged. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * The result of a bind: the OSB body without `operation`, with credentials and unknown fields.
 * Secret as a whole.
 */
export type BindingResult = BindResponse

/** The result of a deprovision or an unbind. */
export type Nothing = Readonly<Record<never, never>>

/**
 * Why a call certainly had no effect. Four names are those of the OSB specification, the others are
 * Kontor's:
 *  - `not_sent`       nothing was sent (no such host, connection refused, TLS failure): may be
 *                     repeated
 *  - `rejected`       the provider understood the call and refused it (400, other 422)
 *  - `conflict`       the provider knows another resource under this id (409)
 *  - `rate_limited`   429: may be repeated after `retryAfterSeconds`
 *  - `unauthorized`   401 or 403: the provider does not accept the registered credentials
 *  - `incompatible`   412: the provider requires another API version
 *  - `not_supported`  the provider cannot do this at all
 *  - `protocol`       the specification does not allow this answer here, but it means "not done"
 */
export type RefusalReason =
  | 'async_required'
  | 'concurrency'
  | 'requires_app'
  | 'maintenance_info_conflict'
  | 'not_sent'
  | 'rejected'
  | 'conflict'
  | 'rate_limited'
  | 'unauthorized'
  | 'incompatible'
  | 'not_supported'
  | 'protocol'

export interface Refusal {
  readonly reason: RefusalReason
  /**
   * A sentence for the user: the provider's, if it gave one, else the back end's. No secrets, no
   * hosts.
   */
  readonly description: string
  /** HTTP status of the provider's answer, if there was one. */
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** Only for update and deprovision; absent means true (OSB 2.17 "Service Broker Errors"). */
  readonly instanceUsable?: boolean
  /** Only for update; absent means true. */
  readonly updateRepeatable?: boolean
}

/**
 * Why it is unknown whether a call took effect:
 *  - `timeout`          no whole answer within the deadline, or the caller's signal aborted after
 *                       sending
 *  - `connection_lost`  the connection broke after the first byte was sent, or the answer is not
 *                       HTTP
 *  - `server_error`     5xx
 *  - `malformed`        a 201 or 202 that cannot be read or breaks the specification
 *  - `unexpected`       another 2xx, or a 202 that was not allowed
 */
export type Doubt = 'timeout' | 'connection_lost' | 'server_error' | 'malformed' | 'unexpected'

/**
 * The outcome of a call that changes something:
 *  - `done`     it took effect; `result` is final.
 *  - `pending`  the provider works on it; Kontor polls with `progress` and `operation` (absent if
 *               the provider gave none). `result` holds what is known already (a dashboard URL).
 *  - `refused`  it certainly had no effect.
 *  - `unknown`  it may have taken effect. Kontor looks it up or, for provision and bind, removes it
 *               (orphan mitigation); it never reports success for it.
 */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | {
      readonly kind: 'pending'
      readonly operation?: string
      readonly result: Result
      readonly retryAfterSeconds?: number
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'unknown'
      readonly doubt: Doubt
      readonly description: string
      readonly status?: number
      readonly refusal?: Pick<Refusal, 'instanceUsable' | 'updateRepeatable'>
    }
