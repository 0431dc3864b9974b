import type { Directory } from '../tenancy/directory.ts'
import type { Role } from '../tenancy/principal.ts'
import type { Claimed } from './claimed.ts'
import type { KnownPeople } from './known-people.ts'
import type { Grant, Person } from './person.ts'
import { countingGrants } from './roles.ts'
import { limitGrants } from './tokens/limit.ts'

export interface StandingDeps {
  readonly directory: Pick<Directory, 'ancestorsOf' | 'organisationNamed' | 'subtreeOf' | 'stamp'>
  readonly people: Pick<KnownPeople, 'person' | 'grantsOf' | 'stamp'>
}

/** What a person or a machine is, by its claims and by the memberships of its person. */
export interface Standing {
  /** Undefined: Kontor has not made one yet. */
  readonly person: Person | undefined
  readonly roles: ReadonlySet<Role>
  /** Roles in organisations that count now. */
  readonly grants: readonly Grant[]
  /** Ids of organisations, with subtrees: those that the role `agency` reaches. */
  readonly administered: readonly string[]
  /** The same for any role. */
  readonly seen: readonly string[]
}

// Each name is looked up. A person who needs more gets one organisation above them.
export const maxNames = 1_000
// Bounds the memory to some 10 MB: tokens are cached for hours, and each of a thousand may name all
// organisations.
const maxIds = 1_000_000

/** Computes them once for each object of claims, until the directory or the people are reloaded. */
export function createStandings(deps: StandingDeps): (claimed: Claimed) => Standing {
  const { directory, people } = deps
  const empty = () => ({
    stamps: [directory.stamp(), people.stamp()],
    ofClaimed: new WeakMap<Claimed, Standing>(),
    ids: 0,
  })
  let cached = empty()
  return (claimed) => {
    const [tree, rows] = cached.stamps
    if (tree !== directory.stamp() || rows !== people.stamp() || cached.ids > maxIds)
      cached = empty()
    const known = cached.ofClaimed.get(claimed)
    if (known !== undefined) return known
    const standing = standingOf(deps, claimed)
    cached.ofClaimed.set(claimed, standing)
    cached.ids += standing.seen.length
    return standing
  }
}

function standingOf({ directory, people }: StandingDeps, claimed: Claimed): Standing {
  const person = people.person(claimed.issuer, claimed.subject)
  const own = person === undefined ? [] : people.grantsOf(person.id)
  const memberships = claimed.token === undefined ? own : limitGrants(directory, own, claimed.token)
  const named = namedBy(claimed).flatMap((name) => directory.organisationNamed(name)?.id ?? [])
  const claimedGrants = named.map((id): Grant => ({
    organisationId: id,
    role: 'administrator',
    from: 'claims',
  }))
  const grants = countingGrants(directory, [...claimedGrants, ...memberships])
  const administering = grants.filter(({ role }) => role === 'administrator')
  // What a suspended organisation has can still be read by those to whom claims give it.
  const idsOf = (given: readonly Grant[]) => [
    ...directory.subtreeOf(...named, ...given.map(({ organisationId }) => organisationId)),
  ]
  const administered = idsOf(administering)
  const roles = new Set<Role>([...claimed.duties, 'person'])
  if (administering.length > 0) roles.add('agency')
  if (grants.length > 0) roles.add('member')
  return {
    person,
    roles,
    grants,
    administered,
    seen: administering.length === grants.length ? administered : idsOf(grants),
  }
}

function namedBy({ duties, organisations }: Claimed): readonly string[] {
  return duties.has('agency') && organisations.length <= maxNames ? organisations : []
}
