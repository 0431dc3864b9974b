import type { BindingRef, BindingResult } from '../backends/backend.ts'
import { upstreamRef, type Instance } from '../instances/instance.ts'
import type { Aad } from '../vault/seal.ts'

/** One attempt of a platform to have a binding. `key` is ours, `bindingId` is the platform's. */
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
  /** Sealed BindingResult; null until it is made. */
  readonly result: Buffer | null
  readonly expiresAt: Date | null
  readonly state: 'binding' | 'ready' | 'failed' | 'gone'
  readonly createdAt: Date
}

/** What was ordered. */
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

/** The binding as its provider knows it. `requires` is needed where it is made or read. */
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
