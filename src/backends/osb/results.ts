// What a well-formed 2xx tells. Schemas judge; here fields only change their names.
import type { BindingResult, InstanceResult, Nothing } from '../backend.ts'
import type { ProvisionResponse } from '../../types.gen.ts'
import { readBinding } from './binding.ts'
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
export function readBind (requires: readonly string[] | undefined): Reader<BindingResult> {
  return (reply) => {
    if (reply.status === 202) return readDelete(reply)
    const result = readBinding(reply, requires)
    return result === undefined ? undefined : { result }
  }
}

export function instanceResult ({ dashboard_url: dashboardUrl, metadata }: Pick<ProvisionResponse, 'dashboard_url' | 'metadata'>): InstanceResult {
  return { ...(dashboardUrl === undefined ? {} : { dashboardUrl }), ...(metadata === undefined ? {} : { metadata }) }
}

/** Null is absent, and so is the empty string: no poll may carry it (POLL-10). */
function operationOf ({ operation }: { operation?: string | null }): { operation?: string } {
  return operation ? { operation } : {}
}
