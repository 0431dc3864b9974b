import type { Aad } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'

/** What an update changes, sealed in its operation until that ends. */
export interface UpdateChange {
  readonly planId?: string
  readonly upstreamPlanId?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly context?: Readonly<Record<string, unknown>>
  readonly maintenanceVersion?: string
}

export function changeAad(operationId: string, platformId: string): Aad {
  return ['operations', 'change', operationId, platformId]
}

export function openChange(
  vault: Vault,
  sealed: Buffer,
  operationId: string,
  platformId: string,
): UpdateChange {
  // update.ts sealed it
  return vault.open(sealed, changeAad(operationId, platformId)) as UpdateChange
}
