/** Who orders: a Cloud Foundry, a Kubernetes cluster, another client of the Open Service Broker API. */
export interface Platform {
  readonly id: string
  readonly name: string
}
