import type { AuditAction } from './actions.ts'

/** Whom an event is about, as far as it is about them. */
export interface Concerned {
  /** The organisation for which it was ordered. */
  readonly organisationId?: string | null
  readonly platformId?: string | null
  readonly providerId?: string | null
  /** The platform's id of the instance, also where the object is a binding or an operation of it. */
  readonly instanceId?: string | null
}

export interface AuditEvent extends Concerned {
  readonly at: Date
  /** Who: `platform:<id>`, `kontor`, or a person or machine as it signed in. */
  readonly actor: string
  readonly action: AuditAction
  readonly objectKind: string
  readonly objectId: string
  readonly outcome: string
  /** No secrets, no parameters, nothing of a platform's users: it can never be taken out again. */
  readonly details?: Details
}

export type Details = Readonly<Record<string, string | number | boolean>>

/** What the seal covers. `at` in UTC with six digits of a second, as the database keeps it. */
export interface Sealable {
  readonly uid: string | null
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

/** An event as it was written. */
export interface StoredEvent extends Sealable {
  readonly id: string
  /** null: written by a release that did not seal */
  readonly mac: Buffer | null
}

/** One link of the chain. */
export interface Link {
  readonly position: number
  readonly eventId: string
  /** In UTC with six digits of a second. */
  readonly linkedAt: string
  readonly eventHash: Buffer
  readonly hash: Buffer
  readonly seal: Buffer
}

/** How far the chain goes. */
export interface Head {
  readonly position: number
  readonly hash: Buffer
}

export interface SealedHead extends Head {
  readonly seal: Buffer
}
