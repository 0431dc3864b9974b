import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { RefreshDeps } from '../catalog/refresh.ts'

/** What the verbs that administer providers need. */
export interface ProviderDeps extends RefreshDeps {
  readonly catalog: LiveCatalog
}
