import { textOf, valuesOf } from '../oidc/claims.ts'
import type { Token } from '../oidc/tokens.ts'
import type { Duty } from '../tenancy/principal.ts'
import type { Language } from '../types.gen.ts'
import type { TokenLimit } from './tokens/limit.ts'
import { withoutInvisible } from '../visible-text.ts'

/** What the verified claims of a trusted issuer say of a person or a machine. */
export interface Claimed {
  readonly issuer: string
  /** Of the issuer, in audit events. */
  readonly alias: string
  readonly subject: string
  readonly name: string | null
  readonly email: string | null
  /** False unless the issuer says that the address is the person's. */
  readonly isEmailVerified: boolean
  /** Null: the claims name none that Kontor has. */
  readonly language: Language | null
  /** The roles of Kontor itself that the claims are mapped to. */
  readonly duties: ReadonlySet<Duty>
  /** Names of the organisations that an `agency` sees. */
  readonly organisations: readonly string[]
  /** Names of the providers that a `provider` sees. */
  readonly providers: readonly string[]
  /** The personal API token that stands for the person, and to what it is limited. */
  readonly token?: TokenLimit & { readonly id: string }
}

const maxName = 255
// RFC 5321, 4.5.3.1.3.
const maxEmail = 254

/** @param token  verified claims, of an access token or of an ID token */
export function claimedOf(token: Pick<Token, 'trust' | 'subject' | 'claims'>): Claimed {
  const { trust, subject, claims } = token
  const { people } = trust
  return {
    issuer: trust.issuer,
    alias: trust.alias,
    subject,
    name: shownName(textOf(token, 'name')),
    email: emailOf(textOf(token, 'email')),
    isEmailVerified: claims['email_verified'] === true,
    language: languageOf(textOf(token, 'locale')),
    duties: dutiesOf(token),
    organisations: valuesOf(token, people.organisationsClaim),
    providers: valuesOf(token, people.providersClaim),
  }
}

function dutiesOf(token: Pick<Token, 'trust' | 'claims'>): ReadonlySet<Duty> {
  const { rolesClaim, roles = {}, acr = {} } = token.trust.people
  const mapped = valuesOf(token, rolesClaim).flatMap((value) =>
    Object.hasOwn(roles, value) ? (roles[value] ?? []) : [],
  )
  const actual = token.claims['acr']
  return new Set(
    mapped.filter((role) => {
      const required = (acr as Partial<Record<Duty, readonly string[]>>)[role]
      return required === undefined || (typeof actual === 'string' && required.includes(actual))
    }),
  )
}

function shownName(claim: string | undefined): string | null {
  const name = withoutInvisible(claim ?? '')
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, maxName)
    .toWellFormed()
  return name === '' ? null : name
}

function emailOf(claim: string | undefined): string | null {
  return claim !== undefined &&
    claim.length <= maxEmail &&
    /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(claim)
    ? claim
    : null
}

function languageOf(locale: string | undefined): Language | null {
  const language = locale?.slice(0, 2).toLowerCase()
  return language === 'de' || language === 'en' ? language : null
}

/** The name of a person or a machine in the audit log. */
export function actorOf({
  alias,
  subject,
  token,
}: Pick<Claimed, 'alias' | 'subject' | 'token'>): string {
  const name = `oidc:${alias}:${subject}`
  return token === undefined ? name : `token:${token.id}:${name}`
}
