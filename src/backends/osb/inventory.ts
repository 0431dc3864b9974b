// The list of instances that a broker holds: Kontor's own extension of OSB
// (schemas/backends/osb-inventory.json).
import type { Listed } from '../backend.ts'
import type { Exchanged, Limits } from './exchange.ts'
import type { InventoryThread } from './inventory-thread.ts'
import { encode } from './target.ts'

/** The operator's path is used as it is; only the page comes from the provider and is encoded. */
export function inventoryPathOf(
  prefix: string,
  inventoryPath: string,
  page: string | undefined,
): string {
  return `${prefix}${inventoryPath}${page === undefined ? '' : `?page=${encode(page)}`}`
}

export async function listedOf(
  exchanged: Exchanged,
  limits: Limits,
  thread: InventoryThread,
): Promise<Listed> {
  if (exchanged.kind !== 'answered')
    return failed(('forOperator' in exchanged ? exchanged.forOperator : undefined) ?? exchanged.why)
  const { status, body } = exchanged
  if (status !== 200) return failed(problemOf(status))
  return body === undefined
    ? failed(`a page is longer than ${limits.maxBytes} bytes`)
    : thread.read(body)
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
