import type { Directory } from '../tenancy/directory.ts'
import type { Organisation } from '../tenancy/organisation.ts'
import type { PersonRole } from '../types.gen.ts'
import type { Grant } from './person.ts'

export type OrganisationTree = Pick<Directory, 'ancestorsOf' | 'organisationNamed' | 'subtreeOf'>

// Roles that decide about orders are included in no other: else an administrator would approve.
const included: Readonly<Record<PersonRole, readonly PersonRole[]>> = {
  viewer: [],
  orderer: ['viewer'],
  approver: ['viewer'],
  'budget-officer': ['viewer'],
  'security-officer': ['viewer'],
  'data-protection-officer': ['viewer'],
  administrator: ['viewer', 'orderer'],
}

/** Whether who has the one role has the other. */
export function includes(granted: PersonRole, role: PersonRole): boolean {
  return granted === role || included[granted].includes(role)
}

const none: ReadonlySet<PersonRole> = new Set()

/** The roles that grants give in an organisation; see `SignedIn.rolesIn`. */
export function rolesIn(
  directory: Pick<Directory, 'ancestorsOf'>,
  grants: readonly Grant[],
  organisationId: string,
): ReadonlySet<PersonRole> {
  const line = activeLineOf(directory, organisationId)
  if (line === undefined) return none
  const given = grants.filter((grant) => line.some(({ id }) => id === grant.organisationId))
  return new Set(given.flatMap(({ role }) => [role, ...included[role]]))
}

/** The grants whose organisations, and all above these, are active. */
export function countingGrants<Given extends Grant>(
  directory: Pick<Directory, 'ancestorsOf'>,
  grants: readonly Given[],
): readonly Given[] {
  return grants.filter(
    ({ organisationId }) => activeLineOf(directory, organisationId) !== undefined,
  )
}

/** An organisation and all above it; undefined unless all of them are known and active. */
function activeLineOf(
  directory: Pick<Directory, 'ancestorsOf'>,
  organisationId: string,
): readonly Organisation[] | undefined {
  const line = directory.ancestorsOf(organisationId)
  // An ancestor whose row this process has not read, or cannot trust, may be suspended.
  const isWhole = line.at(-1)?.parentId === null
  return isWhole && line.every(({ state }) => state === 'active') ? line : undefined
}

/** Ids of the organisations that grants make a person administer, with their subtrees. */
export function administeredBy(
  directory: Pick<Directory, 'subtreeOf'>,
  grants: readonly Grant[],
): readonly string[] {
  const roots = grants.filter(({ role }) => role === 'administrator')
  return [...directory.subtreeOf(...roots.map(({ organisationId }) => organisationId))]
}
