// The list of instances that a broker holds: Kontor's own extension of OSB
// (schemas/backends/osb-inventory.json).
import { dropNulls } from '../../drop-nulls.ts'
import { validateValue } from '../../storable.ts'
import { describeError, validatorOf } from '../../schemas.ts'
import type { OsbInventory } from '../../types.gen.ts'
import type { Listed, ListedInstance } from '../backend.ts'
import type { Exchanged, Limits } from './exchange.ts'
import { readReply } from './reply.ts'
import { encode } from './target.ts'

/** The operator's path is used as it is; only the page comes from the provider and is encoded. */
export function inventoryPathOf(
  prefix: string,
  inventoryPath: string,
  page: string | undefined,
): string {
  return `${prefix}${inventoryPath}${page === undefined ? '' : `?page=${encode(page)}`}`
}

export function listedOf(exchanged: Exchanged, limits: Limits): Listed {
  if (exchanged.kind !== 'answered')
    return failed(('forOperator' in exchanged ? exchanged.forOperator : undefined) ?? exchanged.why)
  const { status } = exchanged
  if (status !== 200) return failed(problemOf(status))
  if (exchanged.body === undefined) return failed(`a page is longer than ${limits.maxBytes} bytes`)
  const { body, problem } = readReply(exchanged, () => undefined)
  if (body === undefined) return failed(problem ?? 'the answer is not JSON')
  const isInventory = validatorOf('osb-inventory')
  const { value: inventory } = dropNulls('osb-inventory', body)
  if (!isInventory(inventory)) return failed(describeError(isInventory.errors?.[0], 'the answer'))
  // Kontor stores the ids.
  if (validateValue(inventory.instances, 'the answer') !== undefined)
    return failed('the answer holds text that cannot be stored')
  return {
    kind: 'page',
    instances: inventory.instances.map(listedInstance),
    ...(inventory.next ? { next: inventory.next } : {}),
  }
}

function listedInstance(item: OsbInventory['instances'][number]): ListedInstance {
  const {
    instance_id: instanceId,
    service_id: serviceId,
    plan_id: planId,
    bindings: bindingIds,
  } = item
  return {
    instanceId,
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(planId === undefined ? {} : { planId }),
    ...(bindingIds === undefined ? {} : { bindingIds }),
  }
}

function problemOf(status: number): string {
  if (status === 401 || status === 403) return `Kontor signed in with wrong credentials (${status})`
  if (status === 404) return 'there is no listing at this address (404)'
  if (status >= 300 && status < 400)
    return `answered with a redirect (${status}), which is not followed`
  return `answered with ${status}`
}

function failed(description: string): Listed {
  return { kind: 'failed', description }
}
