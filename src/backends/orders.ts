// What Kontor sends to a back end, where ids are the provider's; what a platform ordered has its
// types in instances/ and bindings/. Part of the contract in backend.ts.

/** An instance at the provider. `serviceId` and `planId` are the provider's own ids. */
export interface InstanceRef {
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
}

/** A binding at the provider. */
export interface BindingRef extends InstanceRef {
  readonly bindingId: string
  /**
   * `requires` of its offering: what a binding may hold beside credentials and endpoints. Absent:
   * nothing else.
   */
  readonly requires?: readonly string[]
}

/** What every order carries beside its own content. */
export interface OrderContext {
  /**
   * `X-Broker-API-Originating-Identity` exactly as the platform sent it; absent where no user
   * caused the call. An operation keeps it and the next, so that a deferred call carries them too.
   */
  readonly originatingIdentity?: string | null
  /**
   * Correlates log lines of platform, Kontor and provider (`X-Broker-API-Request-Identity`); no
   * idempotency key.
   */
  readonly requestIdentity?: string | null
  /**
   * Whether the caller accepts an asynchronous answer. If false, a back end that cannot answer
   * synchronously answers `refused` with reason `async_required` and starts nothing.
   */
  readonly acceptsIncomplete: boolean
}

export interface UpstreamProvisionOrder extends InstanceRef, OrderContext {
  readonly organizationGuid: string
  readonly spaceGuid: string
  /** Passed on unchanged. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version: string }
}

/**
 * `planId` of the InstanceRef is the plan before the update. What an absent field describes does
 * not change.
 */
export interface UpstreamUpdateOrder extends InstanceRef, OrderContext {
  readonly newPlanId?: string
  readonly context?: Readonly<Record<string, unknown>>
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version: string }
  /** The maintenance version that the instance has now, as far as Kontor knows. */
  readonly previousMaintenanceInfo?: { readonly version: string }
}

export interface UpstreamDeprovisionOrder extends InstanceRef, OrderContext {}

export interface UpstreamBindOrder extends BindingRef, OrderContext {
  readonly context?: Readonly<Record<string, unknown>>
  readonly bindResource?: Readonly<Record<string, unknown>>
  readonly appGuid?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Set for a rotation: the binding (at the provider) that the new one replaces. */
  readonly predecessorBindingId?: string
}

export interface UpstreamUnbindOrder extends BindingRef, OrderContext {}

/** `planId` is the plan before a plan change, as the specification requires. */
export interface ProgressQuery {
  readonly instance: InstanceRef
  /** Set for bind and unbind. */
  readonly bindingId?: string
  readonly operation?: string
  readonly requestIdentity?: string
}
