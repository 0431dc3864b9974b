import type { FindingView } from '../types.gen.ts'

export type FindingKind = FindingView['kind']
export type ObjectKind = FindingView['object']
export type FindingDetails = FindingView['details']

/** Where we and a provider do not agree. */
export interface Finding {
  readonly id: string
  readonly providerId: string
  readonly kind: FindingKind
  readonly object: ObjectKind
  readonly upstreamId: string
  readonly upstreamInstanceId: string
  readonly platformId: string | null
  readonly instanceId: string | null
  readonly bindingId: string | null
  readonly details: FindingDetails
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly resolvedAt: Date | null
  readonly acknowledgedAt: Date | null
  readonly acknowledgedReason: string | null
}

/** What a run believes to have found, until it is held against fresh rows and written. */
export interface Suspicion {
  readonly kind: FindingKind
  readonly object: ObjectKind
  readonly upstreamId: string
  readonly upstreamInstanceId: string
  /** The row of ours as it was read before the provider was asked; absent: an unknown one. */
  readonly ours?: { readonly key: string; readonly changedAt: Date }
  readonly details: FindingDetails
  /** Tells apart what the details do not say, values of parameters for example; only its keyed digest is kept. */
  readonly evidence?: unknown
}

/** What tells findings apart. A provider may use the id of a binding for each of its instances. */
export type Identity = Pick<Finding, 'kind' | 'object' | 'upstreamId' | 'upstreamInstanceId'>

/** The same for the same thing found again. */
export function nameOf({ kind, object, upstreamInstanceId, upstreamId }: Identity): string {
  return JSON.stringify([kind, object, upstreamInstanceId, upstreamId])
}
