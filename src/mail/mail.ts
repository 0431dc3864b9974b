import type { MailKindName, MailStateName } from '../types.gen.ts'

/** In both languages. */
export interface MailWords {
  readonly de: string
  readonly en: string
}

/**
 * What the text of a mail names. Kept until the mail is deleted, and shown to its person: no
 * secrets, no parameters, no mail addresses, no text of a provider but names of its catalog.
 */
export type MailFacts =
  | {
      readonly kind: 'order-accepted' | 'order-ready' | 'order-failed'
      readonly order: OrderFacts
    }
  | {
      readonly kind: 'order-ending'
      readonly order: OrderFacts
      /** ISO 8601. */
      readonly endsAt: string
    }
  | {
      readonly kind: 'binding-renewal'
      /** Kontor's id of the binding. */
      readonly binding: string
      /** The platform's name of the instance, or its id. */
      readonly instance: string
      /** ISO 8601; null: the provider does not say. */
      readonly expiresAt: string | null
    }
  | {
      readonly kind: 'invitation'
      readonly invitation: string
      readonly organisation: string
    }
  | {
      readonly kind: 'registration-accepted' | 'registration-refused'
      readonly registration: string
      readonly organisation: string
      /** What who refused it has written. */
      readonly reason: string | null
    }

export interface OrderFacts {
  readonly number: string
  readonly offering: MailWords
  readonly plan: MailWords
  /** As the person has named it; null: it has no name. */
  readonly instance: string | null
}

/** Whom a mail is for, and what must hold when it is sent. */
export interface MailTarget {
  /** null: an invitation, which knows its address. */
  readonly personId: string | null
  /** Where the person must have a role, or is invited; null: nowhere. */
  readonly organisationId: string | null
  /** Until then a role that only claims granted counts, too, which Kontor cannot ask for later. */
  readonly vouchedUntil: Date | null
}

/** A mail to be written. */
export interface NewMail extends MailTarget {
  /** What it tells of. Of one key and one person there is at most one mail. */
  readonly key: string
  readonly facts: MailFacts
  /** Of an invitation: a keyed digest of its address, by which its mails are counted. */
  readonly addressee?: string
}

/** A mail that this process has for itself, to send it. */
export interface ClaimedMail extends MailTarget {
  readonly id: string
  readonly facts: MailFacts
  readonly createdAt: Date
  /** A mail that no server has taken by then is given up. */
  readonly giveUpAt: Date
  /** How often a server had the whole mail and did not say what became of it. */
  readonly doubts: number
  /** Raised by each claim; a claim that is not the last one writes nothing. */
  readonly claims: number
}

export type MailKind = MailKindName
export type MailState = MailStateName
