import type { Platform } from './platform.ts'

/**
 * What a person or a machine may do at the management API:
 *  - `operator`  runs Kontor: everything
 *  - `provider`  runs a data centre: its own registration, catalog and findings
 *  - `agency`    orders: its own organisations, platforms and orders
 *  - `auditor`   reads everything, the audit too, and changes nothing
 */
export type Duty = 'operator' | 'provider' | 'agency' | 'auditor'

/**
 * Who may call a route of the management API: those with a duty, and
 *  - `member`  people with any role in an organisation; `agency` are its administrators
 *  - `person`  everybody whom a trusted issuer vouches for, with or without a role
 */
export type Role = Duty | 'member' | 'person'

/**
 * Whose data a principal may see at the management API: all, or what belongs to one of these
 * organisations (subtrees are listed in full) or providers. Queries take it as a required argument,
 * and what is outside it looks like what does not exist.
 */
export type AccessScope =
  | 'all'
  | {
      /** Ids of organisations. */
      readonly organisations: readonly string[]
      /** Names of providers. */
      readonly providers: readonly string[]
    }

/** A platform that has sent a request. */
export interface PlatformPrincipal {
  readonly kind: 'platform'
  readonly platform: Platform
}
