import type { InstanceRef } from '../backends/backend.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { Aad, VersionedValue } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'

/**
 * An instance from one order of a platform on. `key` is Kontor's id, `instanceId` the platform's:
 * an instance that is ordered anew under the same `instanceId` gets another key.
 */
export interface Instance {
  readonly key: string
  readonly platformId: string
  readonly instanceId: string
  readonly providerId: string
  /**
   * The organisation that ordered it; null: none. Later changes of context or tree do not move it.
   */
  readonly organisationId: string | null
  readonly offeringId: string
  readonly planId: string
  /** The plan before the last change of plan. */
  readonly previousPlanId: string | null
  /**
   * The provider's ids, fixed when it is provisioned; only an update of the plan changes that of
   * the plan.
   */
  readonly upstreamId: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
  readonly organizationGuid: string
  readonly spaceGuid: string
  readonly context: Readonly<Record<string, unknown>> | null
  /** Sealed. */
  readonly parameters: Buffer | null
  /** Each write of the parameters after the first raises it. */
  readonly parametersVersion: number
  /** null: an update has changed the parameters. */
  readonly parametersDigest: Buffer | null
  readonly maintenanceVersion: string | null
  readonly dashboardUrl: string | null
  readonly metadata: InstanceMetadata | null
  /** Sealed: see extensions.ts. */
  readonly extensions: Buffer | null
  /** Each write of the extensions raises it. */
  readonly extensionsVersion: number
  readonly state: 'provisioning' | 'ready' | 'failed' | 'gone'
  /** false: a failed update or deprovision left it unusable, as the provider said. */
  readonly usable: boolean
  readonly createdAt: Date
  /** See identity.ts; null: written by a release up to 0.2. */
  readonly identityMac: Buffer | null
}

/** The ids under which the provider knows the instance. */
export function upstreamRef(instance: Instance): InstanceRef {
  return {
    instanceId: instance.upstreamId,
    serviceId: instance.upstreamServiceId,
    planId: instance.upstreamPlanId,
  }
}

/** Seals the parameters of a row that is not written yet. */
export function firstParameters(
  vault: Vault,
  key: string,
  platformId: string,
  parameters: Readonly<Record<string, unknown>>,
): Buffer {
  return vault.seal(parameters, parametersAad(key, platformId, 0))
}

/** Seals parameters that replace those of the row. */
export function nextParameters(
  vault: Vault,
  { key, platformId, parametersVersion }: Instance,
  parameters: Readonly<Record<string, unknown>>,
): VersionedValue {
  const version = parametersVersion + 1
  return { sealed: vault.seal(parameters, parametersAad(key, platformId, version)), version }
}

function parametersAad(key: string, platformId: string, version: number): Aad {
  return ['instances', 'parameters', key, platformId, version]
}

export function openParameters(
  vault: Vault,
  {
    key,
    platformId,
    parameters,
    parametersVersion,
  }: Pick<Instance, 'key' | 'platformId' | 'parameters' | 'parametersVersion'>,
): Readonly<Record<string, unknown>> | undefined {
  return parameters === null
    ? undefined
    : // firstParameters and nextParameters seal an object
      (vault.open(parameters, parametersAad(key, platformId, parametersVersion)) as Record<
        string,
        unknown
      >)
}
