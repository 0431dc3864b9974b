// Each order and question as an OSB request: path, query and body. Credentials and headers are
// added in client.ts. And the results in well-formed 2xx answers: schemas check them, these
// functions rename their fields.
import type {
  BindingRef,
  BindingResult,
  InstanceResult,
  Nothing,
  UpstreamBindOrder,
  UpstreamDeprovisionOrder,
  InstanceRef,
  OrderContext,
  ProgressQuery,
  UpstreamProvisionOrder,
  UpstreamUnbindOrder,
  UpstreamUpdateOrder,
} from '../backend.ts'
import type { InstanceResponse, ProvisionResponse } from '../../types.gen.ts'
import { readBinding } from './binding.ts'
import type { Reader } from './classify.ts'
import type { Call } from './exchange.ts'
import { bodyAs, Malformed } from './reply.ts'
import type { Query } from './target.ts'

export interface OsbRequest {
  readonly method: Call['method']
  readonly segments: readonly string[]
  readonly query?: Query
  readonly body?: object
  /** Goes into headers. */
  readonly context?: Pick<OrderContext, 'originatingIdentity' | 'requestIdentity'>
}

const asynchronous: Query = { accepts_incomplete: 'true' }

export function provisionRequest(order: UpstreamProvisionOrder): OsbRequest {
  const body = {
    service_id: order.serviceId,
    plan_id: order.planId,
    organization_guid: order.organizationGuid,
    space_guid: order.spaceGuid,
    context: order.context,
    parameters: order.parameters,
    maintenance_info: order.maintenanceInfo,
  }
  return {
    method: 'PUT',
    segments: instancePath(order),
    query: order.acceptsIncomplete ? asynchronous : {},
    body,
    context: order,
  }
}

export function updateRequest(order: UpstreamUpdateOrder): OsbRequest {
  const body = {
    service_id: order.serviceId,
    plan_id: order.newPlanId,
    context: order.context,
    parameters: order.parameters,
    maintenance_info: order.maintenanceInfo,
    previous_values: {
      service_id: order.serviceId,
      plan_id: order.planId,
      maintenance_info: order.previousMaintenanceInfo,
    },
  }
  return {
    method: 'PATCH',
    segments: instancePath(order),
    query: order.acceptsIncomplete ? asynchronous : {},
    body,
    context: order,
  }
}

export function deprovisionRequest(order: UpstreamDeprovisionOrder): OsbRequest {
  return {
    method: 'DELETE',
    segments: instancePath(order),
    query: { ...planQuery(order), ...(order.acceptsIncomplete && asynchronous) },
    context: order,
  }
}

/** A rotation sends all three ids: brokers differ in which of them they require. */
export function bindRequest(order: UpstreamBindOrder): OsbRequest {
  const body = {
    service_id: order.serviceId,
    plan_id: order.planId,
    context: order.context,
    app_guid: order.appGuid,
    bind_resource: order.bindResource,
    parameters: order.parameters,
    predecessor_binding_id: order.predecessorBindingId,
  }
  return {
    method: 'PUT',
    segments: bindingPath(order),
    query: order.acceptsIncomplete ? asynchronous : {},
    body,
    context: order,
  }
}

export function unbindRequest(order: UpstreamUnbindOrder): OsbRequest {
  return {
    method: 'DELETE',
    segments: bindingPath(order),
    query: { ...planQuery(order), ...(order.acceptsIncomplete && asynchronous) },
    context: order,
  }
}

export function progressRequest(query: ProgressQuery): OsbRequest {
  const { instance, bindingId, operation } = query
  const resource =
    bindingId === undefined ? instancePath(instance) : bindingPath({ ...instance, bindingId })
  return {
    method: 'GET',
    segments: [...resource, 'last_operation'],
    query: { ...planQuery(instance), operation },
    context: query,
  }
}

export function fetchInstanceRequest(instance: InstanceRef): OsbRequest {
  return { method: 'GET', segments: instancePath(instance), query: planQuery(instance) }
}

export function fetchBindingRequest(binding: BindingRef): OsbRequest {
  return { method: 'GET', segments: bindingPath(binding), query: planQuery(binding) }
}

function instancePath({ instanceId }: InstanceRef): string[] {
  return ['service_instances', instanceId]
}

function bindingPath({ instanceId, bindingId }: BindingRef): string[] {
  return ['service_instances', instanceId, 'service_bindings', bindingId]
}

function planQuery({ serviceId, planId }: InstanceRef): Query {
  return { service_id: serviceId, plan_id: planId }
}

/** Of a provision or an update. */
export const readInstance: Reader<InstanceResult> = (reply) => {
  const body = bodyAs('provision-response', reply)
  return body instanceof Malformed ? body : instanceResult(body)
}

export const readDelete: Reader<Nothing> = (reply) => {
  const body = bodyAs('delete-response', reply)
  return body instanceof Malformed ? body : {}
}

/** Only `operation` of a 202 counts (BIND-06): credentials in it are not final. */
export function readBind(requires: readonly string[] | undefined): Reader<BindingResult> {
  return (reply) => (reply.status === 202 ? readDelete(reply) : readBinding(reply, requires))
}

/** Fields that have a meaning elsewhere in the specification are no extensions. */
export function instanceResult(body: ProvisionResponse & InstanceResponse): InstanceResult {
  const {
    dashboard_url: dashboardUrl,
    metadata,
    operation: _1,
    service_id: _2,
    plan_id: _3,
    parameters: _4,
    maintenance_info: _5,
    ...extensions
  } = body
  return {
    ...(dashboardUrl === undefined ? {} : { dashboardUrl }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
  }
}
