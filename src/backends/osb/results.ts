// The results in well-formed 2xx answers: schemas check them, these functions rename their fields.
import type { BindingResult, InstanceResult, Nothing } from '../backend.ts'
import type { InstanceResponse, ProvisionResponse } from '../../types.gen.ts'
import { readBinding } from './binding.ts'
import type { Reader } from './classify.ts'
import { bodyAs } from './reply.ts'

export const readProvision: Reader<InstanceResult> = (reply) => {
  const body = bodyAs('provision-response', reply)
  return body === undefined ? undefined : { result: instanceResult(body), ...operationOf(body) }
}

/** In an update, null means the same as absent: the dashboard URL stays (UPD-26). */
export const readUpdate: Reader<InstanceResult> = (reply) => {
  const body = bodyAs('provision-response', reply)
  if (body === undefined) return undefined
  const { dashboard_url: dashboardUrl, ...others } = body
  return {
    result: instanceResult(typeof dashboardUrl === 'string' ? body : others),
    ...operationOf(body),
  }
}

export const readDelete: Reader<Nothing> = (reply) => {
  const body = bodyAs('delete-response', reply)
  return body === undefined ? undefined : { result: {}, ...operationOf(body) }
}

/** Only `operation` of a 202 counts (BIND-06): credentials in it are not final. */
export function readBind(requires: readonly string[] | undefined): Reader<BindingResult> {
  return (reply) => {
    if (reply.status === 202) return readDelete(reply)
    const result = readBinding(reply, requires)
    return result === undefined ? undefined : { result }
  }
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

/** Null means absent, and so does the empty string, which no poll may carry (POLL-10). */
function operationOf({ operation }: { operation?: string | null }): { operation?: string } {
  return operation ? { operation } : {}
}
