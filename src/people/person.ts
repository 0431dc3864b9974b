import type { Caller } from '../tenancy/caller.ts'
import type { Duty } from '../tenancy/principal.ts'
import type { Language, NotificationKind, PersonRole } from '../types.gen.ts'

export interface Person {
  readonly id: string
  /** The claims `iss` and `sub` of its tokens, which say who it is. */
  readonly issuer: string
  readonly subject: string
  /** As the issuer said them last; null: its tokens do not say. Untrusted text. */
  readonly name: string | null
  readonly email: string | null
  readonly language: Language
  /** Kinds of mail that the person does not want. */
  readonly muted: readonly NotificationKind[]
}

/** A role in an organisation, as it was given: it holds in the whole subtree. */
export interface Grant {
  readonly organisationId: string
  readonly role: PersonRole
  /** Kontor has it as a membership, or the claims of the issuer grant it. */
  readonly from: 'membership' | 'claims'
}

/** A person who has signed in. Everything that acts for a person takes one, beside its Caller. */
export interface SignedIn {
  readonly person: Person
  readonly caller: Caller
  /** Of the personal API token that it signed in with; undefined: at its issuer. */
  readonly tokenId?: string | undefined
  /** The mail address, if the issuer says that it is this person's. */
  readonly verifiedEmail?: string | undefined
  /** Roles of Kontor itself, which only claims grant. */
  readonly duties: ReadonlySet<Duty>
  /** Those that count: none of an organisation that is suspended, or is below such a one. */
  readonly roles: readonly Grant[]
  /**
   * The roles that hold in an organisation: those in itself and in the organisations above it, and
   * what these include. None in one that is unknown, suspended or retired, or below such a one.
   */
  rolesIn(organisationId: string): ReadonlySet<PersonRole>
}

/**
 * Whether a person may act in a role for an organisation. An administrator may do all that viewers
 * and orderers do, but decides nothing: who approves, or gives out money, has that role by name.
 * @param organisationId  of any organisation; one that is unknown allows nothing
 */
export function mayIn(signedIn: SignedIn, organisationId: string, role: PersonRole): boolean {
  return signedIn.rolesIn(organisationId).has(role)
}
