// The results in well-formed 2xx answers: schemas check them, these functions rename their fields.
import type { BindingResult, InstanceResult, Nothing } from '../backend.ts'
import type { InstanceResponse, ProvisionResponse } from '../../types.gen.ts'
import { readBinding } from './binding.ts'
import type { Reader } from './classify.ts'
import { bodyAs, Malformed } from './reply.ts'

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
