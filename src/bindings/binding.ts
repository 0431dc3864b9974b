import type { BindingRef, BindingResult } from '../backends/backend.ts'
import { upstreamRef, type Instance } from '../instances/instance.ts'
import type { Aad, VersionedValue } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'

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
  /** Each write of the result raises it, and so does its deletion. */
  readonly resultVersion: number
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

/** What a request for a binding is compared by with one that was sent before. */
export interface BindContent {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly bindResource: Readonly<Record<string, unknown>>
  readonly appGuid: string | null
  /** The platform's id. */
  readonly predecessor: string | null
}

export type { BindingResult }

type OfInstance = Pick<Binding, 'key' | 'platformId' | 'instanceKey'>

/** The request may be sent to the provider of that instance only. */
export function requestAad({ key, platformId, instanceKey }: OfInstance): Aad {
  return ['bindings', 'request', key, platformId, 0, instanceKey]
}

function resultAad({ key, platformId, instanceKey }: OfInstance, version: number): Aad {
  return ['bindings', 'result', key, platformId, version, instanceKey]
}

/** @param sealed  of the row's `resultVersion` */
export function openResult(
  vault: Pick<Vault, 'open'>,
  binding: Binding,
  sealed: Buffer,
): BindingResult {
  // nextResult sealed it
  return vault.open(sealed, resultAad(binding, binding.resultVersion)) as BindingResult
}

export function nextResult(vault: Vault, binding: Binding, result: BindingResult): VersionedValue {
  const version = binding.resultVersion + 1
  return { sealed: vault.seal(result, resultAad(binding, version)), version }
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
