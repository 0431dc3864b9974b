// Results as responses of the Open Service Broker API; snake_case ends here.
import type { BindingResult, InstanceResult } from '../../backends/backend.ts'
import type { FetchedBinding } from '../../bindings/fetch.ts'
import type { FetchedInstance } from '../../instances/fetch.ts'
import type { OrderResult } from '../../instances/order.ts'
import type { Standing } from '../../operations/last-operation.ts'
import type {
  BindResponse,
  InstanceResponse,
  LastOperationResponse,
  ProvisionResponse,
} from '../../types.gen.ts'
import { endpointsMinor } from './api-version.ts'

export interface Answer<Body> {
  readonly status: number
  readonly body: Body
}

/** @param doneStatus  201 for a provision, 200 for an update or a delete */
export function renderOrderResult(
  answer: OrderResult<InstanceResult>,
  doneStatus: 200 | 201,
): Answer<ProvisionResponse> {
  const { dashboardUrl, metadata, extensions } =
    answer.kind === 'validated' ? {} : (answer.result ?? {})
  return {
    status: { done: doneStatus, repeated: 200, in_progress: 202, validated: 200 }[answer.kind],
    body: {
      ...extensions,
      ...(dashboardUrl === undefined ? {} : { dashboard_url: dashboardUrl }),
      ...(answer.kind === 'in_progress' ? { operation: answer.operationId } : {}),
      ...(metadata == null ? {} : { metadata }),
    },
  }
}

/** @param apiMinor  of the client's version of the API */
export function renderBound(
  answer: OrderResult<BindingResult>,
  apiMinor: () => number,
): Answer<BindResponse> {
  switch (answer.kind) {
    case 'in_progress':
      return { status: 202, body: { operation: answer.operationId } }
    case 'validated':
      return { status: 200, body: {} }
    case 'repeated':
      return { status: 200, body: bindingFor(answer.result, apiMinor) }
    case 'done':
      return { status: 201, body: bindingFor(answer.result ?? {}, apiMinor) }
    default:
      return answer satisfies never
  }
}

export function renderInstance({
  instance,
  dashboardUrl,
  parameters,
  extensions,
}: FetchedInstance): InstanceResponse {
  return {
    ...extensions,
    service_id: instance.offeringId,
    plan_id: instance.planId,
    ...(dashboardUrl === undefined ? {} : { dashboard_url: dashboardUrl }),
    ...(parameters === undefined ? {} : { parameters: { ...parameters } }),
    ...(instance.maintenanceVersion === null
      ? {}
      : { maintenance_info: { version: instance.maintenanceVersion } }),
    ...(instance.metadata === null ? {} : { metadata: instance.metadata }),
  }
}

/** @param apiMinor  of the client's version of the API */
export function renderBinding(
  { result, parameters }: FetchedBinding,
  apiMinor: () => number,
): BindResponse {
  return {
    ...bindingFor(result, apiMinor),
    ...(parameters === undefined ? {} : { parameters: { ...parameters } }),
  }
}

// DEC-53: an older client may read `endpoints` as something else, and fail.
function bindingFor(result: BindingResult, apiMinor: () => number): BindingResult {
  if (result.endpoints === undefined || apiMinor() >= endpointsMinor) return result
  const { endpoints: _newer, ...rest } = result
  return rest
}

export function renderReport(report: Standing): LastOperationResponse {
  // A parked operation waits for an operator. To its platform it has failed, so that the platform
  // can delete the instance.
  const failed = report.state === 'failed' || report.state === 'parked'
  const state = failed ? 'failed' : report.state === 'succeeded' ? 'succeeded' : 'in progress'
  const ofInstance = report.kind === 'update' || report.kind === 'deprovision'
  const text = failed
    ? (report.description ?? 'The operation failed.')
    : report.whileRunning?.message
  return {
    state,
    ...(text === undefined ? {} : { description: text }),
    ...(failed && ofInstance && report.instanceUsable !== null
      ? { instance_usable: report.instanceUsable }
      : {}),
    ...(failed && report.kind === 'update' && report.updateRepeatable !== null
      ? { update_repeatable: report.updateRepeatable }
      : {}),
  }
}
