import type { MitigationValues } from './mitigation.ts'

/** A registered provider. */
export interface Provider extends MitigationValues {
  readonly id: string
  /** Short and unique. Never changes: published ids and names are derived from it. */
  readonly name: string
  readonly displayName: string
  readonly backend: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly concurrency: number
  readonly refreshSeconds: number
  /** 0: never */
  readonly reconcileSeconds: number
  /** false: Kontor passes them through to the platform and stores them nowhere. */
  readonly storeBindingCredentials: boolean
  readonly state: 'active' | 'draining' | 'removed'
  readonly revision: number
  readonly createdAt: Date
}

/** What the row of a registered provider is made from. */
export interface ProviderValues extends MitigationValues {
  readonly name: string
  readonly displayName: string
  readonly backend: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Sealed. */
  readonly credentials: Buffer
  readonly concurrency: number
  readonly refreshSeconds: number
  readonly reconcileSeconds: number
  readonly storeBindingCredentials: boolean
}
