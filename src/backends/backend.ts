/**
 * The contract between Kontor and whatever really provides a service. One back end object stands for one
 * registered provider; Kontor's engine calls it, and everything that is special about a kind of provider (an OSB
 * broker, a Kubernetes cluster, a person with a ticket queue) stays behind it.
 *
 * What a back end may rely on:
 *  - Kontor has committed a row that names the call before it makes it (intent before effect), and it makes at most
 *    one changing call per instance at a time; bindings of one instance may be made beside each other.
 *  - `instanceId` and `bindingId` are minted by Kontor, once per resource. They are UUIDs, never reused, and never
 *    the platform's own ids.
 *  - Every call may come twice: after a crash Kontor repeats `deprovision`, `unbind`, `progress` and the fetches.
 *    It never repeats `provision`, `update` or `bind` unless the outcome said that nothing was sent.
 *
 * What a back end owes:
 *  - It answers with an Outcome and does not throw for what the far side said or failed to say. A throw is a bug of
 *    the back end; Kontor then treats the outcome as unknown.
 *  - It ends soon after `signal` aborts, and no later than its own deadline.
 *  - It knows no database, no tenant and no request. Credentials come opened, with the settings, and are neither
 *    logged nor put into a description.
 *  - It never retries a changing call by itself; only one that was turned away because its access token was no longer
 *    good, of which the provider has surely done nothing, may be sent once more with a new one.
 *  - It connects only to where the networks that it is given let it, and follows no redirect.
 */

import type { Networks } from '../networks.ts'
import type { BindResponse, Catalog, InstanceMetadata } from '../types.gen.ts'

/** An instance at the provider. `serviceId` and `planId` are the provider's own ids. */
export interface InstanceRef {
  readonly instanceId: string
  readonly serviceId: string
  readonly planId: string
}

/** A binding at the provider. */
export interface BindingRef extends InstanceRef {
  readonly bindingId: string
  /** `requires` of its offering: what a binding may hold beside credentials and endpoints. Absent: nothing else. */
  readonly requires?: readonly string[]
}

/** What every order carries beside its own content. */
export interface OrderContext {
  /** `X-Broker-API-Originating-Identity` exactly as the platform sent it; absent where no user caused the call. */
  readonly originatingIdentity?: string
  /** Correlates log lines of platform, Kontor and provider (`X-Broker-API-Request-Identity`); no idempotency key. */
  readonly requestIdentity?: string
  /**
   * Whether the caller can wait: false asks for an answer that is final. A back end that cannot give one answers
   * `refused` with reason `async_required` and starts nothing.
   */
  readonly acceptsIncomplete: boolean
}

export interface ProvisionOrder extends InstanceRef, OrderContext {
  readonly organizationGuid: string
  readonly spaceGuid: string
  /** Opaque, passed on whole. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version: string }
}

/** `planId` of the InstanceRef is the plan before the update. What is absent stays as it is. */
export interface UpdateOrder extends InstanceRef, OrderContext {
  readonly newPlanId?: string
  readonly context?: Readonly<Record<string, unknown>>
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version: string }
  /** The maintenance version that the instance has now, as far as Kontor knows. */
  readonly previousMaintenanceInfo?: { readonly version: string }
}

export interface DeprovisionOrder extends InstanceRef, OrderContext {}

export interface BindOrder extends BindingRef, OrderContext {
  readonly context?: Readonly<Record<string, unknown>>
  readonly bindResource?: Readonly<Record<string, unknown>>
  readonly appGuid?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Set for a rotation: the binding (at the provider) that the new one is to replace. */
  readonly predecessorBindingId?: string
}

export interface UnbindOrder extends BindingRef, OrderContext {}

/** What a provision or an update yields. `dashboardUrl: null` means: has none; absent: not told, keep what is known. */
export interface InstanceResult {
  readonly dashboardUrl?: string | null
  readonly metadata?: InstanceMetadata
  /** Fields that the specification does not know; told to the platform as they are. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What a bind yields: the OSB body without `operation`; credentials and unknown fields included. Secret as a whole. */
export type BindingResult = BindResponse

/** A deprovision or an unbind yields nothing. */
export type Nothing = Readonly<Record<never, never>>

/**
 * Why a call was surely without effect. The names beside the four of the OSB specification are Kontor's.
 *  - `not_sent`       nothing left this machine (no such host, connection refused, TLS failure): may be repeated
 *  - `rejected`       the provider understood and said no (400, other 422)
 *  - `conflict`       the provider knows another resource under this id (409)
 *  - `rate_limited`   429: may be repeated after `retryAfterSeconds`
 *  - `unauthorized`   401 or 403: the registered credentials are not accepted
 *  - `incompatible`   412: the provider wants another API version
 *  - `not_supported`  the provider cannot do this at all
 *  - `protocol`       an answer that the specification does not allow here but that means "not done"
 */
export type RefusalReason =
  | 'async_required'
  | 'concurrency'
  | 'requires_app'
  | 'maintenance_info_conflict'
  | 'not_sent'
  | 'rejected'
  | 'conflict'
  | 'rate_limited'
  | 'unauthorized'
  | 'incompatible'
  | 'not_supported'
  | 'protocol'

export interface Refusal {
  readonly reason: RefusalReason
  /** A sentence for the user from the provider, if it gave one; else one of the back end's own. No secrets, no hosts. */
  readonly description: string
  /** HTTP status of the provider's answer, if there was one. */
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** Only for update and deprovision; absent means true (OSB 2.17 "Service Broker Errors"). */
  readonly instanceUsable?: boolean
  /** Only for update; absent means true. */
  readonly updateRepeatable?: boolean
}

/**
 * Why nobody knows whether a call took effect.
 *  - `timeout`          no whole answer within the deadline, or given up by the caller's signal after sending
 *  - `connection_lost`  the connection broke after the first byte was sent, or what came is not HTTP
 *  - `server_error`     5xx
 *  - `malformed`        a 201 or 202 that cannot be read or breaks the specification
 *  - `unexpected`       another 2xx, or a 202 that was not allowed
 */
export type Doubt = 'timeout' | 'connection_lost' | 'server_error' | 'malformed' | 'unexpected'

/**
 * What came of a changing call.
 *  - `done`     it took effect; `result` is final.
 *  - `pending`  the provider works on it; ask `progress` with `operation` (absent if the provider gave none).
 *               `result` holds what was told already (a dashboard URL).
 *  - `refused`  it surely took no effect.
 *  - `unknown`  it may have taken effect. Kontor looks it up or, for provision and bind, removes it (orphan
 *               mitigation); it never reports success for it.
 */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | {
      readonly kind: 'pending'
      readonly operation?: string
      readonly result: Result
      readonly retryAfterSeconds?: number
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'unknown'
      readonly doubt: Doubt
      readonly description: string
      readonly status?: number
      readonly refusal?: Pick<Refusal, 'instanceUsable' | 'updateRepeatable'>
    }

/** Which operation to ask for. `planId` is the plan before a plan change, as the specification wants it. */
export interface ProgressQuery {
  readonly instance: InstanceRef
  /** Set for bind and unbind. */
  readonly bindingId?: string
  readonly operation?: string
  readonly requestIdentity?: string
}

/** Why a question got no answer; a back end that says so lets Kontor tell a provider that is down from one that talks nonsense. */
export type NoAnswer = 'not_sent' | 'timeout' | 'connection_lost' | 'server_error'

/**
 * How far a pending operation is.
 *  - `running`    ask again, not before `retryAfterSeconds` if given
 *  - `succeeded`  it is through
 *  - `failed`     the provider says so
 *  - `gone`       the resource does not exist any more (410): for a delete, that is success
 *  - `missing`    the provider knows no such resource or operation (404 or 400)
 *  - `unclear`    no usable answer (timeout, 5xx, unreadable): says nothing about the operation, ask again. Without
 *                 `noAnswer` there was one, only not of any use
 */
export type Progress =
  | { readonly kind: 'running'; readonly description?: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'succeeded'; readonly description?: string }
  | {
      readonly kind: 'failed'
      readonly description: string
      readonly instanceUsable?: boolean
      readonly updateRepeatable?: boolean
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'missing'; readonly description: string }
  | {
      readonly kind: 'unclear'
      readonly description: string
      readonly noAnswer?: NoAnswer
      readonly retryAfterSeconds?: number
    }

/** What the provider itself says of an instance. Ids are the provider's. */
export interface InstanceFacts extends InstanceResult {
  readonly serviceId?: string
  readonly planId?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version?: string }
}

/**
 * Answer to a fetch.
 *  - `found`
 *  - `missing`      404 or 410: there is none, or it is still being made
 *  - `busy`         there is one, but it cannot be read just now
 *  - `unsupported`  this provider cannot be asked
 *  - `unclear`      no usable answer; `noAnswer` as in Progress
 */
export type Fetched<Facts> =
  | { readonly kind: 'found'; readonly facts: Facts }
  | { readonly kind: 'missing' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'unclear'; readonly description: string; readonly noAnswer?: NoAnswer }

/** `invalid`: the provider gives a binding that the specification does not allow, and will not give another. */
export type FetchedBinding =
  Fetched<BindingResult> | { readonly kind: 'invalid'; readonly description: string }

/** An instance as a listing tells it: the provider's ids. What is absent is not told. */
export interface ListedInstance {
  readonly instanceId: string
  readonly serviceId?: string
  readonly planId?: string
  /** All bindings of the instance. */
  readonly bindingIds?: readonly string[]
}

/**
 * One page of a listing.
 *  - `page`    `next` names the page after it; absent: this is the last one
 *  - `failed`  no usable answer, with a sentence for the operator
 */
export type Listed =
  | { readonly kind: 'page'; readonly instances: readonly ListedInstance[]; readonly next?: string }
  | { readonly kind: 'failed'; readonly description: string }

/** What HTTP calls validators; opaque. Send back what came with the last good catalog. */
export interface CatalogValidators {
  readonly etag?: string
  readonly lastModified?: string
}

/**
 * Answer to a catalog read.
 *  - `changed`    `catalog` is an object with an array `services`; its entries are NOT checked yet
 *  - `unchanged`  the copy that belongs to the validators is still right
 *  - `failed`     the last good copy stays
 */
export type CatalogRead =
  | {
      readonly kind: 'changed'
      readonly catalog: UncheckedCatalog
      readonly validators: CatalogValidators
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly description: string }

export interface UncheckedCatalog {
  readonly services: readonly unknown[]
  readonly [field: string]: unknown
}

/** A checked catalog has the shape of schemas/osb/catalog.json. */
export type CheckedCatalog = Catalog

export interface Backend {
  /** Reads the provider's whole catalog; conditional when `known` holds validators. */
  catalog(known: CatalogValidators | undefined, signal: AbortSignal): Promise<CatalogRead>
  /** Creates an instance. `conflict` means that an earlier attempt arrived. */
  provision(order: ProvisionOrder, signal: AbortSignal): Promise<Outcome<InstanceResult>>
  /** Changes plan, parameters, context or maintenance version. After any failure the old values hold. */
  update(order: UpdateOrder, signal: AbortSignal): Promise<Outcome<InstanceResult>>
  /** Removes an instance and all that belongs to it. One that is not there is `done`. */
  deprovision(order: DeprovisionOrder, signal: AbortSignal): Promise<Outcome<Nothing>>
  /** Creates a binding, or rotates one if `predecessorBindingId` is set. */
  bind(order: BindOrder, signal: AbortSignal): Promise<Outcome<BindingResult>>
  /** Removes a binding. One that is not there is `done`. */
  unbind(order: UnbindOrder, signal: AbortSignal): Promise<Outcome<Nothing>>
  /** How far a pending operation is. Changes nothing. */
  progress(query: ProgressQuery, signal: AbortSignal): Promise<Progress>
  fetchInstance(instance: InstanceRef, signal: AbortSignal): Promise<Fetched<InstanceFacts>>
  /** The OSB body of the binding, credentials included. Kontor calls it once after an asynchronous bind. */
  fetchBinding(binding: BindingRef, signal: AbortSignal): Promise<FetchedBinding>
  /**
   * What the provider holds for us, page by page; only where it can tell. It lists every instance that was there from
   * before the first page until after the last one, in whatever state. Bounded in time and size per page; whoever asks
   * bounds the number of pages.
   * @param page  absent for the first page, else `next` of the page before
   */
  listInstances?(page: string | undefined, signal: AbortSignal): Promise<Listed>
  /** When the certificate ends that it shows its provider, if it has one. */
  readonly certificateExpiresAt?: Date
  /** What it signs in with just now and is not in its credentials, such as access tokens: a provider may repeat that too. */
  passingSecrets?(): readonly string[]
  /** Frees connections; calls under way may still end. */
  close(): Promise<void>
}

/**
 * Makes a back end from a provider's row.
 * @param settings     as checked by schemas/backends/<kind>-settings.json, defaults filled in
 * @param credentials  opened, as checked by schemas/backends/<kind>-credentials.json
 * @param networks     which addresses it may connect to; every connection is checked, not only the first
 */
export type BackendFactory<Settings, Credentials> = (
  settings: Settings,
  credentials: Credentials,
  networks: Networks,
) => Backend
