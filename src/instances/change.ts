import type { Place } from '../vault/seal.ts'

/** The content of an update, sealed in its operation until it is through. */
export interface UpdateChange {
  readonly planId?: string
  readonly upstreamPlanId?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly context?: Readonly<Record<string, unknown>>
  readonly maintenanceVersion?: string
}

export function changePlace(operationId: string, platformId: string): Place {
  return ['operations', 'change', operationId, platformId]
}
