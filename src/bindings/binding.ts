import type { BindingRef, BindingResult } from '../backends/backend.ts'
import { upstreamRef, type Instance } from '../instances/instance.ts'
import type { Aad } from '../vault/seal.ts'

/**
 * A binding from one order of a platform on. `key` is Kontor's id, `bindingId` the platform's: a
 * binding that is ordered anew under the same `bindingId` gets another key.
 */
export interface Binding {
  readonly key: string
  readonly platformId: string
  readonly bindingId: string
  readonly instanceKey: string
  readonly upstreamId: string
  readonly predecessorKey: string | null
  /** Sealed BindingRequest. */
  readonly request: Buffer
  readonly requestDigest: Buffer
  /** Sealed BindingResult; null: not ready yet, or the provider's policy is not to store it. */
  readonly result: Buffer | null
  readonly expiresAt: Date | null
  readonly state: 'binding' | 'ready' | 'failed' | 'gone'
  readonly createdAt: Date
}

/** What the bind ordered. */
export interface BindingRequest {
  readonly context?: Readonly<Record<string, unknown>>
  readonly bindResource?: Readonly<Record<string, unknown>>
  readonly appGuid?: string
  readonly parameters?: Readonly<Record<string, unknown>>
}

export type { BindingResult }

export function requestAad(key: string, platformId: string): Aad {
  return ['bindings', 'request', key, platformId]
}

export function resultAad(key: string, platformId: string): Aad {
  return ['bindings', 'result', key, platformId]
}

/**
 * The ids under which the provider knows the binding.
 * @param requires  needed to bind and to fetch
 */
export function upstreamBindingRef(
  instance: Instance,
  binding: Binding,
  requires?: readonly string[],
): BindingRef {
  return {
    ...upstreamRef(instance),
    bindingId: binding.upstreamId,
    ...(requires === undefined ? {} : { requires }),
  }
}
