import type { Aad } from '../vault/seal.ts'

/** The content of an update, sealed in its operation until it is through. */
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
