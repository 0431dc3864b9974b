// What the main thread and the thread that reads a catalog say to each other. Catalogs cross as
// bytes only: to clone the objects of a large one would block the event loop.
import type { CatalogCaps } from '../../config.ts'
import type { Publisher } from '../published.ts'
import type { FirstFindings } from './limit-findings.ts'

/** The result of a reading. */
export type Refreshed = 'changed' | 'unchanged' | 'failed' | 'superseded' | 'quarantined'

/** A catalog to be read. The bytes are transferred: the sender loses them. */
export interface ReadingTask {
  /** In pieces, as they arrived. */
  readonly body: readonly Uint8Array[]
  readonly publisher: Publisher
  readonly caps: CatalogCaps
}

/** The ids and names of an offering that can be published. */
export interface IndexedOffering {
  readonly id: string
  readonly upstreamId: string
  readonly name: string
  /** JSON pointer into the provider's catalog. */
  readonly path: string
  readonly plans: readonly IndexedPlan[]
}

interface IndexedPlan {
  readonly id: string
  readonly upstreamId: string
  readonly name: string
}

/** A catalog that was read and inspected, ready to be published. */
export interface InspectedCatalog {
  /** SHA-256 of what can be published and of the findings; no order of object keys changes it. */
  readonly digest: string
  readonly findings: FirstFindings
  /** The provider's ids of what findings withhold, those that were cut off too. */
  readonly withheld: { readonly offerings: readonly string[]; readonly plans: readonly string[] }
  /** JSON of `IndexedOffering[]`, in the provider's order. */
  readonly index: Uint8Array
  /** Rows of offerings as JSON lists, each of bounded size: see rows.ts. */
  readonly offerings: readonly Uint8Array[]
  /** Rows of plans in the same form. */
  readonly plans: readonly Uint8Array[]
}

export type ReadingAnswer =
  | { readonly kind: 'inspected'; readonly catalog: InspectedCatalog }
  /** The catalog as a whole cannot be used; a sentence without its full stop, for an operator. */
  | { readonly kind: 'unusable'; readonly description: string }
