import type { FindingView } from '../types.gen.ts'

export type FindingKind = FindingView['kind']
export type ObjectKind = FindingView['object']
export type FindingDetails = FindingView['details']

/** A difference between Kontor's rows and what a provider has. */
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

/** A possible finding, until it is verified against fresh rows and written. */
export interface Suspicion {
  readonly kind: FindingKind
  readonly object: ObjectKind
  readonly upstreamId: string
  readonly upstreamInstanceId: string
  /** Kontor's row as it was before the provider was asked; absent for what Kontor does not have. */
  readonly ours?: { readonly key: string; readonly changedAt: Date }
  readonly details: FindingDetails
  /**
   * Distinguishes findings with equal details, by values of parameters for example; only its keyed
   * digest is stored.
   */
  readonly evidence?: unknown
}

/** What identifies a finding. A provider may use one binding id for several instances. */
export type Identity = Pick<Finding, 'kind' | 'object' | 'upstreamId' | 'upstreamInstanceId'>

/** Equal for a finding and its repetition in a later run. */
export function nameOf({ kind, object, upstreamInstanceId, upstreamId }: Identity): string {
  return JSON.stringify([kind, object, upstreamInstanceId, upstreamId])
}
