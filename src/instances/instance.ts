import type { InstanceRef } from '../backends/backend.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { Aad } from '../vault/seal.ts'

/** One attempt of a platform to have an instance. `key` is ours, `instanceId` is the platform's. */
export interface Instance {
  readonly key: string
  readonly platformId: string
  readonly instanceId: string
  readonly providerId: string
  /** For which it was ordered; null: for none. A later change of its context or of the tree does not move it. */
  readonly organisationId: string | null
  readonly offeringId: string
  readonly planId: string
  /** The plan before the last change of plan. */
  readonly previousPlanId: string | null
  /** Where it was ordered: fixed at provision, but for a plan change. */
  readonly upstreamId: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
  readonly organizationGuid: string
  readonly spaceGuid: string
  readonly context: Readonly<Record<string, unknown>> | null
  /** Sealed. */
  readonly parameters: Buffer | null
  /** null once an update changed the parameters. */
  readonly parametersDigest: Buffer | null
  readonly maintenanceVersion: string | null
  readonly dashboardUrl: string | null
  readonly metadata: InstanceMetadata | null
  /** Sealed: see extensions.ts. */
  readonly extensions: Buffer | null
  readonly state: 'provisioning' | 'ready' | 'failed' | 'gone'
  /** false after a failed update or deprovision of which the provider said so. */
  readonly usable: boolean
  readonly createdAt: Date
}

/** The instance as its provider knows it. */
export function upstreamRef(instance: Instance): InstanceRef {
  return {
    instanceId: instance.upstreamId,
    serviceId: instance.upstreamServiceId,
    planId: instance.upstreamPlanId,
  }
}

/** Where an instance's parameters are sealed. */
export function parametersAad(key: string, platformId: string): Aad {
  return ['instances', 'parameters', key, platformId]
}
