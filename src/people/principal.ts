import { BrokerError } from '../errors.ts'
import type { AccessScope, Role } from '../tenancy/principal.ts'
import { actorOf, type Claimed } from './claimed.ts'
import type { SignedIn } from './person.ts'
import { rolesIn } from './roles.ts'
import { createStandings, maxNames, type StandingDeps } from './standings.ts'

/** A person or a machine that has sent a request. */
export interface PersonPrincipal {
  readonly kind: 'person'
  readonly actor: string
  readonly roles: ReadonlySet<Role>
  readonly scope: AccessScope
  /**
   * Undefined for the admin token, and for claims whose person Kontor has not made yet
   * (find-or-create.ts).
   */
  readonly signedIn?: Omit<SignedIn, 'caller'> | undefined
}

/**
 * What verified claims allow, with the memberships of their person.
 * @param allowed  the roles that may make this call: only these widen the access scope. An auditor
 *   who is also a provider reads everything, but changes only that provider.
 * @throws BrokerError `forbidden` when a claim has too many names
 */
export type PrincipalOf = (claimed: Claimed, allowed: readonly Role[]) => PersonPrincipal

export function createPrincipals(deps: StandingDeps): PrincipalOf {
  const standingOf = createStandings(deps)
  return (claimed, allowed) => {
    const { person, roles, grants, administered, seen } = standingOf(claimed)
    const used = new Set(allowed.filter((role) => roles.has(role)))
    if (used.has('agency')) assertFew(claimed.organisations, 'organisations')
    if (used.has('provider')) assertFew(claimed.providers, 'providers')
    const organisations =
      used.has('member') || used.has('person') ? seen : used.has('agency') ? administered : []
    const scope: AccessScope =
      used.has('operator') || used.has('auditor')
        ? 'all'
        : { organisations, providers: used.has('provider') ? claimed.providers : [] }
    const signedIn =
      person === undefined
        ? undefined
        : {
            person,
            duties: claimed.duties,
            tokenId: claimed.token?.id,
            verifiedEmail: claimed.isEmailVerified ? (claimed.email ?? undefined) : undefined,
            roles: grants,
            rolesIn: (id: string) => rolesIn(deps.directory, grants, id),
          }
    return { kind: 'person', actor: actorOf(claimed), roles, scope, signedIn }
  }
}

function assertFew(names: readonly string[], what: string): void {
  if (names.length > maxNames)
    throw new BrokerError(
      'forbidden',
      `Your token names ${names.length} ${what}; at most ${maxNames} are allowed.`,
    )
}
