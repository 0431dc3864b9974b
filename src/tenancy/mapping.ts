/** What of a platform can order for an organisation of its own: an organisation of Cloud Foundry, a namespace of Kubernetes. */
export type MappingKind = 'cf_organization' | 'k8s_namespace'

/** Orders from there are for that organisation. */
export interface Mapping {
  readonly platformId: string
  readonly kind: MappingKind
  /** The platform's own id of it, as its orders tell it. */
  readonly externalId: string
  readonly organisationId: string
}
