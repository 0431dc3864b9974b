import { valuesOf } from '../../oidc/claims.ts'
import type { Token } from '../../oidc/tokens.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { Principal, Reach, Role } from '../../tenancy/principal.ts'

export type Person = Extract<Principal, { kind: 'person' }>

/**
 * The person or machine of a token, as one of some roles.
 * @param allowed  roles that may make this call: only what these see counts. Who is auditor and provider reads everything,
 *   and changes only his own.
 */
export function personOf (token: Token, directory: Pick<Directory, 'organisationNamed' | 'subtreeOf'>, allowed: readonly Role[]): Person {
  const { alias, people } = token.trust
  const roles = rolesOf(token)
  const used = allowed.filter((role) => roles.has(role))
  const reach: Reach = used.includes('operator') || used.includes('auditor')
    ? 'all'
    : {
        organisations: used.includes('agency') ? below(directory, valuesOf(token, people.organisationsClaim)) : [],
        providers: used.includes('provider') ? valuesOf(token, people.providersClaim) : []
      }
  return { kind: 'person', actor: `oidc:${alias}:${token.subject}`, roles, reach }
}

function rolesOf (token: Token): ReadonlySet<Role> {
  const { rolesClaim, roles = {}, acr = {} } = token.trust.people
  const values = valuesOf(token, rolesClaim)
  const meant = values.flatMap((value) => Object.hasOwn(roles, value) ? roles[value] ?? [] : [])
  const signedIn = token.claims['acr']
  return new Set(meant.filter((role) => {
    const wanted = (acr as Partial<Record<Role, readonly string[]>>)[role]
    return wanted === undefined || (typeof signedIn === 'string' && wanted.includes(signedIn))
  }))
}

function below (directory: Pick<Directory, 'organisationNamed' | 'subtreeOf'>, names: readonly string[]): string[] {
  const ids = new Set<string>()
  for (const name of names) {
    const organisation = directory.organisationNamed(name)
    if (organisation !== undefined) for (const id of directory.subtreeOf(organisation.id)) ids.add(id)
  }
  return [...ids]
}
