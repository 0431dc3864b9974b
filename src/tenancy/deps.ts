import type { Db } from '../db/database.ts'

export interface TenancyDeps {
  readonly db: Db
  readonly now: () => Date
}
