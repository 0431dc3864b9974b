/**
 * The contract between Kontor and a provider. One back end object stands for one registered
 * provider; everything that is special about a kind of provider (an OSB broker, a Kubernetes
 * cluster, a person with a ticket queue) stays behind it.
 *
 * What a back end may rely on:
 *  - Kontor commits a row that names the call before it makes it (intent before effect), and makes
 *    at most one changing call per instance at a time; calls for several bindings of one instance
 *    may run concurrently.
 *  - Kontor generates `instanceId` and `bindingId`, once per resource. They are UUIDs, never
 *    reused, and never the platform's own ids.
 *  - Every call may come twice: after a crash Kontor repeats `deprovision`, `unbind`, `progress`
 *    and the fetches. It sends a `provision`, `update` or `bind` again only if nothing was sent, or
 *    the provider was busy (`rate_limited`).
 *
 * What a back end must do:
 *  - It answers with an Outcome and does not throw for what the provider answers or fails to
 *    answer. A throw is a bug of the back end; Kontor then looks up what came of the call, as after
 *    a crash.
 *  - It ends soon after `signal` aborts, and no later than its own deadline.
 *  - It knows no database, no tenant and no request. Credentials come unsealed, with the settings;
 *    a back end neither logs them nor puts them into a description.
 *  - It never retries a changing call by itself. One exception: a call that the provider rejected
 *    because its access token had expired, and which therefore had no effect, may be sent once more
 *    with a new token.
 *  - It connects only to addresses that the networks it is given allow, and follows no redirect.
 */
import type {
  CatalogRead,
  CatalogValidators,
  Fetched,
  FetchedBinding,
  InstanceFacts,
  Listed,
  Progress,
} from './answers.ts'
import type {
  BindingRef,
  UpstreamBindOrder,
  UpstreamDeprovisionOrder,
  InstanceRef,
  ProgressQuery,
  UpstreamProvisionOrder,
  UpstreamUnbindOrder,
  UpstreamUpdateOrder,
} from './orders.ts'
import type { BindingResult, InstanceResult, Nothing, Outcome } from './outcomes.ts'

export type * from './answers.ts'
export type * from './orders.ts'
export type * from './outcomes.ts'

export interface Backend {
  /**
   * Reads the provider's whole catalog, as bytes; conditional when `known` holds validators.
   */
  catalog(known: CatalogValidators | undefined, signal: AbortSignal): Promise<CatalogRead>
  /** Creates an instance. `conflict` means that the provider received an earlier attempt. */
  provision(order: UpstreamProvisionOrder, signal: AbortSignal): Promise<Outcome<InstanceResult>>
  /**
   * Changes plan, parameters, context or maintenance version. After any failure the old values stay
   * in force.
   */
  update(order: UpstreamUpdateOrder, signal: AbortSignal): Promise<Outcome<InstanceResult>>
  /** Removes an instance and all that belongs to it. `done` if there is none. */
  deprovision(order: UpstreamDeprovisionOrder, signal: AbortSignal): Promise<Outcome<Nothing>>
  /** Creates a binding, or rotates one if `predecessorBindingId` is set. */
  bind(order: UpstreamBindOrder, signal: AbortSignal): Promise<Outcome<BindingResult>>
  /** Removes a binding. `done` if there is none. */
  unbind(order: UpstreamUnbindOrder, signal: AbortSignal): Promise<Outcome<Nothing>>
  /** The state of a pending operation. Changes nothing. */
  progress(query: ProgressQuery, signal: AbortSignal): Promise<Progress>
  fetchInstance(instance: InstanceRef, signal: AbortSignal): Promise<Fetched<InstanceFacts>>
  /**
   * The OSB body of the binding with its credentials. Kontor reads it after an asynchronous bind.
   */
  fetchBinding(binding: BindingRef, signal: AbortSignal): Promise<FetchedBinding>
  /**
   * Lists Kontor's instances at the provider, page by page; absent if the provider cannot. It lists
   * every instance that exists from before the first page until after the last one, in whatever
   * state. Each page is limited in time and size; the caller limits the number of pages.
   * @param page  absent for the first page, else `next` of the page before
   */
  listInstances?(page: string | undefined, signal: AbortSignal): Promise<Listed>
  /** When the client certificate expires that it shows the provider, if it has one. */
  readonly certificateExpiresAt?: Date
  /**
   * The secrets that it signs in with at this moment and that are not in its credentials, such as
   * access tokens: Kontor removes them from the provider's answers.
   */
  passingSecrets?(): readonly string[]
  /** Closes connections; calls under way may still end. */
  close(): Promise<void>
}
