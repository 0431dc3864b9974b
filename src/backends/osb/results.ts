// What a well-formed 2xx tells. Schemas judge; here fields only change their names.
import type { BindingResult, InstanceResult, Nothing } from '../backend.ts'
import type { BindResponse, ProvisionResponse } from '../../types.gen.ts'
import type { Reader } from './classify.ts'
import { bodyAs } from './reply.ts'

export const readProvision: Reader<InstanceResult> = (reply) => {
  const body = bodyAs('provision-response', reply)
  return body === undefined ? undefined : { result: instanceResult(body), ...operationOf(body) }
}

/** Null in an update means the same as absent: the dashboard stays (UPD-26). */
export const readUpdate: Reader<InstanceResult> = (reply) => {
  const body = bodyAs('provision-response', reply)
  if (body === undefined) return undefined
  const { dashboard_url: dashboardUrl, ...others } = body
  return { result: instanceResult(typeof dashboardUrl === 'string' ? body : others), ...operationOf(body) }
}

export const readDelete: Reader<Nothing> = (reply) => {
  const body = bodyAs('delete-response', reply)
  return body === undefined ? undefined : { result: {}, ...operationOf(body) }
}

/** A 202 holds only `operation` (BIND-06): credentials in it are not final and are dropped. */
export const readBind: Reader<BindingResult> = (reply) => {
  if (reply.status === 202) return readDelete(reply)
  const body = bodyAs('bind-response', reply)
  return body === undefined ? undefined : { result: bindingResult(body) }
}

export function instanceResult ({ dashboard_url: dashboardUrl, metadata }: Pick<ProvisionResponse, 'dashboard_url' | 'metadata'>): InstanceResult {
  return { ...(dashboardUrl === undefined ? {} : { dashboardUrl }), ...(metadata === undefined ? {} : { metadata }) }
}

export function bindingResult ({ operation: _operation, ...binding }: BindResponse): BindingResult {
  return binding
}

/** Null is absent, and so is the empty string: no poll may carry it (POLL-10). */
function operationOf ({ operation }: { operation?: string | null }): { operation?: string } {
  return operation ? { operation } : {}
}
