/**
 * A Cloud Foundry organisation or a Kubernetes namespace: each can order for an organisation of its
 * own.
 */
export type MappingKind = 'cf_organization' | 'k8s_namespace'

/** A part of a platform. */
export interface PlatformScope {
  readonly platformId: string
  readonly kind: MappingKind
  /** The platform's own id of it, as its orders name it. */
  readonly externalId: string
}

/** Orders from the platform scope are for the organisation. */
export interface Mapping extends PlatformScope {
  readonly organisationId: string
}
