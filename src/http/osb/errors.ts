// Errors as OSB error objects: one table of all codes.
import type { ErrorCode } from '../../errors.ts'
import { BrokerError } from '../../errors.ts'
import type { OsbError } from '../../types.gen.ts'

interface Rendering {
  readonly status: number
  /** Only where OSB 2.17 defines an error code; clients act on these. */
  readonly error?: 'AsyncRequired' | 'ConcurrencyError' | 'RequiresApp' | 'MaintenanceInfoConflict'
}

const renderings: Readonly<Record<ErrorCode, Rendering>> = {
  invalid_request: { status: 400 },
  unknown_plan: { status: 400 },
  plan_withdrawn: { status: 400 },
  not_offered: { status: 400 },
  not_bindable: { status: 400 },
  not_rotatable: { status: 400 },
  invalid_parameters: { status: 400 },
  too_large: { status: 413 },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  missing_version: { status: 400 },
  unsupported_version: { status: 412 },
  not_found: { status: 404 },
  not_retrievable: { status: 405 },
  lost: { status: 500 },
  gone: { status: 410 },
  conflict: { status: 409 },
  concurrency: { status: 422, error: 'ConcurrencyError' },
  async_required: { status: 422, error: 'AsyncRequired' },
  requires_app: { status: 422, error: 'RequiresApp' },
  maintenance_info_conflict: { status: 422, error: 'MaintenanceInfoConflict' },
  plan_not_updateable: { status: 422 },
  // 400 makes a platform give up, which would retry any other status for ever. For an update OSB
  // wants 422.
  quota_exceeded: { status: 400 },
  change_over_quota: { status: 422 },
  failed_instance: { status: 422 },
  in_use: { status: 409 },
  rejected: { status: 400 },
  unprocessable: { status: 422 },
  rate_limited: { status: 429 },
  provider_unreachable: { status: 502 },
  provider_unavailable: { status: 503 },
  provider_failed: { status: 502 },
  provider_timeout: { status: 504 },
  configuration: { status: 500 },
  unavailable: { status: 503 },
  overloaded: { status: 503 },
  internal: { status: 500 },
}

// The specification's own sentences, in the spelling that the Go client of Kubernetes compares.
const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  async_required: 'This service plan requires client support for asynchronous service operations.',
  concurrency:
    'The Service Broker does not support concurrent requests that mutate the same resource.',
  requires_app:
    'This service supports generation of credentials through binding an application only.',
}

// That client speaks 2.14 at most, and compares the whole description.
const exactBelowMinor = 15

/** @param apiMinor  of the client's version of the API */
export function osbError(
  error: BrokerError,
  apiMinor: number,
): { readonly status: number; readonly body: OsbError } {
  const { status, error: osbCode } = renderings[error.code]
  const { instanceUsable, updateRepeatable } = error.details
  return {
    status,
    body: {
      ...(osbCode === undefined ? {} : { error: osbCode }),
      description: descriptionOf(error, apiMinor),
      ...(instanceUsable === undefined ? {} : { instance_usable: instanceUsable }),
      ...(updateRepeatable === undefined ? {} : { update_repeatable: updateRepeatable }),
    },
  }
}

/** The specification's sentence, if the error has one, then Kontor's or the provider's. */
function descriptionOf({ code, message }: BrokerError, apiMinor: number): string {
  const sentence = sentences[code]
  if (sentence === undefined) return message
  if (apiMinor < exactBelowMinor) return sentence
  // The provider may have sent the same sentence, with its name before it or more text after it.
  const [same] = new RegExp(sentence.replaceAll('.', '\\.'), 'i').exec(message) ?? []
  const [before = '', ...after] = same === undefined ? [message] : message.split(same)
  if (same === undefined || !/^(?:[^:]*: )?$/.test(before)) return `${sentence} ${message}`
  const rest = after.join(same).trim()
  return rest === '' ? sentence : `${sentence} ${before}${rest}`
}
