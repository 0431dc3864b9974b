import type { Db } from '../../db/database.ts'
import type { KnownPeople } from '../../people/known-people.ts'
import type { DashboardPolicy } from '../../providers/dashboard-urls.ts'
import type { Directory } from '../../tenancy/directory.ts'

export interface ListingDeps {
  readonly db: Db
  readonly directory: Directory
  readonly people: Pick<KnownPeople, 'personById' | 'grantsOf'>
  readonly dashboards: DashboardPolicy
  readonly now: () => Date
}
