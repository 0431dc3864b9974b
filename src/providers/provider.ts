import type { CreateProvider } from '../types.gen.ts'
import type { VersionedValue } from '../vault/seal.ts'
import type { MitigationValues } from './mitigation.ts'

/**
 * The fields that pass through as they are, from the body of a registration or a change to the row,
 * and from the row to the view. A new field of create-provider.json is one of them unless it is
 * left out here.
 */
type PassedFields = Readonly<
  Omit<
    Required<CreateProvider>,
    'name' | 'backend' | 'settings' | 'credentials' | keyof MitigationValues
  >
>

/** The part of a provider's row that says which origins are approved. */
export interface Origins {
  /** URLs; only their origins count. */
  readonly approvedOrigins: readonly string[]
  /** Of the token endpoint; null: none, or not known. */
  readonly tokenOrigin: string | null
  /**
   * From the first time in which an origin was not approved to the end of the last. `until` is null
   * while that lasts.
   */
  readonly unapprovedSince: Date | null
  readonly unapprovedUntil: Date | null
}

/** The fields of the row that a registration gives. */
interface GivenFields extends PassedFields, MitigationValues, Origins {
  /** Short and unique. Never changes: published ids and names are derived from it. */
  readonly name: string
  readonly backend: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** A registered provider. */
export interface Provider extends GivenFields {
  readonly id: string
  readonly state: 'active' | 'draining' | 'removed'
  readonly revision: number
  /** Of the sealed credentials: each write of them raises it. */
  readonly credentialsVersion: number
  /** null: no deletion of stored binding credentials is under way. */
  readonly deletingBindingCredentialsSince: Date | null
  readonly createdAt: Date
}

/** What the row of a registered provider is made from. */
export interface ProviderValues extends GivenFields {
  readonly credentials: VersionedValue
}

/** What a registration may leave out; `displayName` is then the name. */
export type DefaultFields = Omit<PassedFields, 'displayName'>
