/**
 * Every error that Kontor answers with, as a closed union. Modules throw BrokerError; each entry
 * point renders the code by a table of its own (http/osb/errors.ts, http/problems.ts).
 * `message` is a sentence that the caller may read.
 */
export type ErrorCode =
  // the request
  | 'invalid_request'
  | 'unknown_plan'
  | 'plan_withdrawn'
  | 'not_offered'
  | 'not_bindable'
  | 'not_rotatable'
  | 'invalid_parameters'
  | 'too_large'
  | 'unauthorized'
  | 'forbidden'
  | 'missing_version'
  | 'unsupported_version'
  // the state of what it asks for
  | 'not_found'
  | 'not_retrievable'
  | 'lost'
  | 'gone'
  | 'conflict'
  | 'concurrency'
  | 'async_required'
  | 'requires_app'
  | 'maintenance_info_conflict'
  | 'plan_not_updateable'
  | 'quota_exceeded'
  | 'change_over_quota'
  | 'failed_instance'
  | 'in_use'
  | 'rejected'
  | 'unprocessable'
  | 'rate_limited'
  // the provider
  | 'provider_unreachable'
  | 'provider_unavailable'
  | 'provider_failed'
  | 'provider_timeout'
  // Kontor
  | 'configuration'
  | 'unavailable'
  | 'overloaded'
  | 'internal'

/** Why parameters do not fit the schema of their plan. */
export interface ParametersFault {
  /** JSON pointer into the parameters. */
  readonly instancePath: string
  /** Of JSON Schema. */
  readonly keyword: string
  /** As ajv gives them with the keyword: a limit, a missing property. */
  readonly params: Readonly<Record<string, unknown>>
}

export interface ErrorDetails extends ErrorOptions {
  readonly retryAfterSeconds?: number | undefined
  /** Only for a failed sign-in: the credentials were valid once, or could not be verified. */
  readonly isNoGuess?: boolean | undefined
  /** Only for `invalid_parameters`: what the check found, for a form to show at its field. */
  readonly fault?: ParametersFault | undefined
  /** Only for a failed update or deprovision. */
  readonly instanceUsable?: boolean | undefined
  /** Only for a failed update. */
  readonly updateRepeatable?: boolean | undefined
}

export class BrokerError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details)
    this.name = 'BrokerError'
    this.code = code
    this.details = details
  }
}

/**
 * The refusal of an order that waited when the process began to stop. Not 503: after a 5xx a
 * platform sends a delete for what may exist.
 */
export function stoppingError(): BrokerError {
  return new BrokerError(
    'rate_limited',
    'This Kontor process stops, and the order was not begun. Nothing was done; send it again in ' +
      '5 seconds.',
    { retryAfterSeconds: 5 },
  )
}
