import type { Db } from '../db/database.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Vault } from '../vault/vault.ts'
import type { Search } from './search/search.ts'
import type { Shelf } from './shown.ts'

export interface MarketplaceDeps {
  readonly db: Db
  readonly directory: Directory
  readonly shelf: Shelf
  readonly search: Search
  readonly now: () => Date
}

/** To freeze comparisons, and to see that they are unchanged. */
export interface FreezeDeps extends MarketplaceDeps {
  readonly vault: Pick<Vault, 'fingerprint'>
}
