import type { Db } from '../db/database.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Shelf } from './shown.ts'

export interface MarketplaceDeps {
  readonly db: Db
  readonly directory: Directory
  readonly shelf: Shelf
  readonly now: () => Date
}
