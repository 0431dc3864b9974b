import { BrokerError } from '../../errors.ts'
import { valuesOf } from '../../oidc/claims.ts'
import type { Token } from '../../oidc/tokens.ts'
import type { Principal, AccessScope, Role } from '../../tenancy/principal.ts'
import type { OrganisationsOf } from './organisations.ts'

export type Person = Extract<Principal, { kind: 'person' }>

// Each name is looked up at each request. A person who needs more gets one organisation above them.
const maxNames = 1_000

/**
 * The person or machine of a token.
 * @param allowed  the roles that may make this call: only these widen the access scope. An auditor
 *   who is also a provider reads everything, but changes only that provider.
 * @throws BrokerError `forbidden` when a claim has too many names
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
      `The claim ${claim} of your token has ${names.length} names; at most ${maxNames} are ` +
        'allowed.',
    )
  return names
}

function rolesOf(token: Token): ReadonlySet<Role> {
  const { rolesClaim, roles = {}, acr = {} } = token.trust.people
  const values = valuesOf(token, rolesClaim)
  const mapped = values.flatMap((value) =>
    Object.hasOwn(roles, value) ? (roles[value] ?? []) : [],
  )
  const actual = token.claims['acr']
  return new Set(
    mapped.filter((role) => {
      const required = (acr as Partial<Record<Role, readonly string[]>>)[role]
      return required === undefined || (typeof actual === 'string' && required.includes(actual))
    }),
  )
}
