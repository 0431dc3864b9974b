// What a back end answers to a call that changes nothing. Part of the contract in backend.ts.
import type { BindingResult, InstanceResult } from './outcomes.ts'

/** Why a question got no answer: Kontor counts this against the provider, but no useless answer. */
export type NoAnswer = 'not_sent' | 'timeout' | 'connection_lost' | 'server_error'

/**
 * The state of a pending operation:
 *  - `running`    Kontor asks again, not before `retryAfterSeconds` if given
 *  - `succeeded`
 *  - `failed`     the provider says so
 *  - `gone`       the resource does not exist any more (410): success for a delete
 *  - `missing`    the provider knows no such resource or operation (404 or 400)
 *  - `unclear`    no usable answer (timeout, 5xx, unreadable), which says nothing about the
 *                 operation; Kontor asks again. Without `noAnswer` there was an answer that Kontor
 *                 cannot use
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

/** What the provider itself says about an instance. Ids are the provider's. */
export interface InstanceFacts extends InstanceResult {
  readonly serviceId?: string
  readonly planId?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly maintenanceInfo?: { readonly version?: string }
}

/**
 * The answer to a fetch:
 *  - `found`
 *  - `missing`      404 or 410: it does not exist, or is still being created
 *  - `busy`         it exists, but cannot be read at the moment
 *  - `unsupported`  this provider cannot be asked
 *  - `unclear`      no usable answer; `noAnswer` as in Progress
 */
export type Fetched<Facts> =
  | { readonly kind: 'found'; readonly facts: Facts }
  | { readonly kind: 'missing' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'unclear'; readonly description: string; readonly noAnswer?: NoAnswer }

/**
 * `invalid`: the provider's binding breaks the specification, and a second fetch would return the
 * same.
 */
export type FetchedBinding =
  Fetched<BindingResult> | { readonly kind: 'invalid'; readonly description: string }

/** An instance of a listing, with the provider's ids. Absent fields are unknown. */
export interface ListedInstance {
  readonly instanceId: string
  readonly serviceId?: string
  readonly planId?: string
  /** All bindings of the instance. */
  readonly bindingIds?: readonly string[]
}

/**
 * One page of a listing:
 *  - `page`    `next` names the page after it; absent on the last one
 *  - `failed`  no usable answer, with a sentence for the operator
 */
export type Listed =
  | { readonly kind: 'page'; readonly instances: readonly ListedInstance[]; readonly next?: string }
  | { readonly kind: 'failed'; readonly description: string }

/** HTTP validators of the last good catalog; opaque, and to be sent back as they came. */
export interface CatalogValidators {
  readonly etag?: string
  readonly lastModified?: string
}

/**
 * The answer to a catalog read:
 *  - `changed`    `body` is the catalog as bytes, not parsed yet
 *  - `unchanged`  the copy that belongs to the validators is still valid
 *  - `failed`     Kontor keeps the last good copy
 */
export type CatalogRead =
  | {
      readonly kind: 'changed'
      /**
       * In pieces, as they arrived. JSON in UTF-8: an object with a list `services` of OSB
       * offerings, or whatever the provider sent instead. A back end hands it over unparsed,
       * because a hostile catalog would block the event loop; it must not use the bytes afterwards,
       * because they move to another thread.
       */
      readonly body: readonly Uint8Array[]
      readonly validators: CatalogValidators
    }
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'failed'
      readonly description: string
      /** How many of an answer arrived; absent for none. */
      readonly bytes?: number
    }
