import { BrokerError, type ErrorCode } from '../errors.ts'
import type { Failure, FailureReason } from './step-result.ts'

const codes: Record<FailureReason, ErrorCode> = {
  async_required: 'async_required',
  concurrency: 'concurrency',
  requires_app: 'requires_app',
  maintenance_info_conflict: 'maintenance_info_conflict',
  rejected: 'rejected',
  rate_limited: 'rate_limited',
  not_sent: 'provider_unreachable',
  timeout: 'provider_timeout',
  abandoned: 'unavailable',
  // The platform can do nothing about the others.
  conflict: 'provider_failed',
  unauthorized: 'provider_failed',
  incompatible: 'provider_failed',
  not_supported: 'provider_failed',
  protocol: 'provider_failed',
  provider_failed: 'provider_failed',
}

/** The error that the platform gets for a failed order. */
export function failureError(failure: Failure, acceptsIncomplete: boolean): BrokerError {
  // A provider that answers AsyncRequired although accepts_incomplete was sent is at fault itself.
  const contradicts = failure.reason === 'async_required' && acceptsIncomplete
  const code = contradicts ? 'provider_failed' : codes[failure.reason]
  return new BrokerError(
    code === 'rejected' && failure.status === 422 ? 'unprocessable' : code,
    failure.description,
    {
      retryAfterSeconds: failure.retryAfterSeconds,
      instanceUsable: failure.instanceUsable,
      updateRepeatable: failure.updateRepeatable,
    },
  )
}
