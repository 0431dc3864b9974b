import { BrokerError } from '../../errors.ts'
import { valuesOf } from '../../oidc/claims.ts'
import type { Token } from '../../oidc/tokens.ts'
import type { Principal, AccessScope, Role } from '../../tenancy/principal.ts'
import type { OrganisationsOf } from './organisations.ts'

export type Person = Extract<Principal, { kind: 'person' }>

// More would be looked through at every call; who needs more is given one organisation above them.
const maxNames = 1_000

/**
 * The person or machine of a token, as one of some roles.
 * @param allowed  roles that may make this call: only what these see counts. Who is auditor and provider reads everything,
 *   and changes only his own.
 * @throws BrokerError `forbidden` when a claim names too many
 */
export function personOf(
  token: Token,
  organisationsOf: OrganisationsOf,
  allowed: readonly Role[],
): Person {
  const { alias, people } = token.trust
  const roles = rolesOf(token)
  const used = allowed.filter((role) => roles.has(role))
  const scope: AccessScope =
    used.includes('operator') || used.includes('auditor')
      ? 'all'
      : {
          organisations: used.includes('agency')
            ? organisationsOf(token, namesOf(token, people.organisationsClaim))
            : [],
          providers: used.includes('provider') ? namesOf(token, people.providersClaim) : [],
        }
  return { kind: 'person', actor: `oidc:${alias}:${token.subject}`, roles, scope }
}

function namesOf(token: Token, claim: string | undefined): string[] {
  const names = valuesOf(token, claim)
  if (names.length > maxNames)
    throw new BrokerError(
      'forbidden',
      `The claim ${claim} of your token names ${names.length}; ${maxNames} at most are looked at.`,
    )
  return names
}

function rolesOf(token: Token): ReadonlySet<Role> {
  const { rolesClaim, roles = {}, acr = {} } = token.trust.people
  const values = valuesOf(token, rolesClaim)
  const meant = values.flatMap((value) => (Object.hasOwn(roles, value) ? (roles[value] ?? []) : []))
  const signedIn = token.claims['acr']
  return new Set(
    meant.filter((role) => {
      const wanted = (acr as Partial<Record<Role, readonly string[]>>)[role]
      return wanted === undefined || (typeof signedIn === 'string' && wanted.includes(signedIn))
    }),
  )
}
