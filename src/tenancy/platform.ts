/**
 * A client of the Open Service Broker API: a Cloud Foundry, a Kubernetes cluster or another one. Or
 * the console of an organisation, through which its people order: it never signs in.
 */
export interface Platform {
  readonly id: string
  readonly name: string
  readonly kind: 'cloudfoundry' | 'kubernetes' | 'other' | 'console'
  /** suspended: it cannot order anything new. retired: it cannot sign in. */
  readonly state: 'active' | 'suspended' | 'retired'
  /** The organisation that owns it; null until an operator has set one. */
  readonly organisationId: string | null
}
