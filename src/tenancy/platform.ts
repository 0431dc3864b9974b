/** Who orders: a Cloud Foundry, a Kubernetes cluster, another client of the Open Service Broker API. */
export interface Platform {
  readonly id: string
  readonly name: string
  readonly kind: 'cloudfoundry' | 'kubernetes' | 'other'
  /** suspended: it orders nothing new. retired: it may not sign in. */
  readonly state: 'active' | 'suspended' | 'retired'
  /** The organisation it belongs to; null while an operator has not said. */
  readonly organisationId: string | null
}
