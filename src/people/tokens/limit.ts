import type { PersonRole } from '../../types.gen.ts'
import { includes, type OrganisationTree } from '../roles.ts'
import type { Grant } from '../person.ts'

/** To what a token is limited; null: to nothing. */
export interface TokenLimit {
  readonly organisations: readonly string[] | null
  readonly roles: readonly PersonRole[] | null
}

/** What is left of a person's roles for a token: never more than the person has. */
export function limitGrants(
  directory: Pick<OrganisationTree, 'ancestorsOf'>,
  grants: readonly Grant[],
  { organisations, roles }: TokenLimit,
): readonly Grant[] {
  const isBelow = (id: string, above: string) =>
    directory.ancestorsOf(id).some((organisation) => organisation.id === above)
  const there =
    organisations === null
      ? grants
      : grants.flatMap((grant) =>
          organisations.flatMap((id) => {
            if (isBelow(id, grant.organisationId)) return [{ ...grant, organisationId: id }]
            return isBelow(grant.organisationId, id) ? [grant] : []
          }),
        )
  if (roles === null) return there
  return there.flatMap((grant) =>
    roles.filter((role) => includes(grant.role, role)).map((role) => ({ ...grant, role })),
  )
}
