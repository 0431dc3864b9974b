// Request bodies, and nothing else of an order: ids go into the path, identities into headers.
import type { BindOrder, ProvisionOrder, UpdateOrder } from '../backend.ts'

export function provisionBody(order: ProvisionOrder) {
  return {
    service_id: order.serviceId,
    plan_id: order.planId,
    organization_guid: order.organizationGuid,
    space_guid: order.spaceGuid,
    context: order.context,
    parameters: order.parameters,
    maintenance_info: order.maintenanceInfo,
  }
}

export function updateBody(order: UpdateOrder) {
  return {
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
}

/** A rotation sends all three ids: brokers differ in which they ask for. */
export function bindBody(order: BindOrder) {
  return {
    service_id: order.serviceId,
    plan_id: order.planId,
    context: order.context,
    app_guid: order.appGuid,
    bind_resource: order.bindResource,
    parameters: order.parameters,
    predecessor_binding_id: order.predecessorBindingId,
  }
}
