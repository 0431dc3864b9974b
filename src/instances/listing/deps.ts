import type { Db } from '../../db/database.ts'
import type { DashboardPolicy } from '../../providers/dashboard-urls.ts'
import type { Directory } from '../../tenancy/directory.ts'

export interface ListingDeps {
  readonly db: Db
  readonly directory: Directory
  readonly dashboards: DashboardPolicy
  readonly now: () => Date
}
