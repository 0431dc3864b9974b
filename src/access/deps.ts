import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { Db } from '../db/database.ts'
import type { Directory } from '../tenancy/directory.ts'

export interface AccessDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
  readonly directory: Directory
}
