import type { Operation } from '../operations/operation.ts'
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

/** What a request for an update is compared by with one that was sent before. */
export interface UpdateContent {
  readonly plan: string | null
  readonly parameters: Readonly<Record<string, unknown>> | null
  readonly context: Readonly<Record<string, unknown>> | null
  readonly maintenance: string | null
}

type Ordered = Pick<Operation, 'id' | 'platformId' | 'instanceKey'>

/** The change may be sent to the provider of that instance only. */
export function changeAad({ id, platformId, instanceKey }: Ordered): Aad {
  return ['operations', 'change', id, platformId, 0, instanceKey]
}

export function openChange(vault: Vault, sealed: Buffer, operation: Ordered): UpdateChange {
  // update.ts sealed it
  return vault.open(sealed, changeAad(operation)) as UpdateChange
}
