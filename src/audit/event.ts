import type { AuditAction } from './actions.ts'

/** The parties that an event concerns, where they apply. */
export interface Parties {
  /** The organisation that the order was for. */
  readonly organisationId?: string | null
  readonly platformId?: string | null
  readonly providerId?: string | null
  /** The platform's id of the instance, also of an event of its bindings or operations. */
  readonly instanceId?: string | null
}

export interface AuditEvent extends Parties {
  readonly at: Date
  /** `platform:<id>`, `kontor`, or the name of the sign-in of a person or machine. */
  readonly actor: string
  readonly action: AuditAction
  readonly objectKind: string
  readonly objectId: string
  readonly outcome: string
  /**
   * No secrets, no parameters, no data of a platform's users: nothing can be removed from the chain
   * again.
   */
  readonly details?: Details
}

export type Details = Readonly<Record<string, string | number | boolean>>

/** The fields that the seal covers. */
export interface Sealable {
  readonly uid: string | null
  /** In UTC with microseconds, as the database stores it. */
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly objectKind: string
  readonly objectId: string
  readonly outcome: string
  readonly organisationId: string | null
  readonly platformId: string | null
  readonly providerId: string | null
  readonly instanceId: string | null
  readonly details: Details | null
}

export interface StoredEvent extends Sealable {
  readonly id: string
  /** The seal; null: written by a release that did not seal. */
  readonly mac: Buffer | null
}

/** One link of the chain. */
export interface Link {
  readonly position: number
  readonly eventId: string
  /** In UTC with microseconds. */
  readonly linkedAt: string
  readonly eventHash: Buffer
  readonly hash: Buffer
  readonly seal: Buffer
}

/** The last link of the chain. */
export interface Head {
  readonly position: number
  readonly hash: Buffer
}

export interface SealedHead extends Head {
  readonly seal: Buffer
}
