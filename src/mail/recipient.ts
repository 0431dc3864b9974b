import type { Language } from '../types.gen.ts'
import type { ClaimedMail } from './mail.ts'

/** Whom a mail goes to, as it is when it is sent. */
export interface Recipient {
  readonly address: string
  /** Untrusted text; null: not known. */
  readonly name: string | null
  readonly language: Language
}

/** Why a mail is sent to no address. */
export type DropReason =
  /** The person is unknown, or has no role any more in the organisation. */
  | 'not-entitled'
  | 'no-address'
  /** The person has switched it off. */
  | 'switched-off'
  /** What it tells of is no longer so: revoked, withdrawn, replaced, ended. */
  | 'obsolete'

export type RecipientOf = (
  mail: ClaimedMail,
) => Promise<Recipient | { readonly dropped: DropReason }>

// Without what separates or ends addresses: a mail has one.
const address = /^[^\s@<>()[\]\\,;:"\p{C}]+@[^\s@<>()[\]\\,;:"\p{C}]+$/u

/** Whether a mail can be sent to a text that an issuer or a person has given as an address. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && address.test(text)
}
