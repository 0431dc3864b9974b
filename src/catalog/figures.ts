import type { Db } from '../db/database.ts'
import { listUndecided } from './quarantine/store.ts'
import { listReadingFigures, type ReadingFigures } from './readings/store.ts'

/** What the metrics show of the catalogs of active providers, as the database has it. */
export interface CatalogFigures {
  readonly readings: readonly ReadingFigures[]
  /** Names of the providers whose catalog is quarantined until an operator decides. */
  readonly quarantined: readonly string[]
}

export async function countCatalogs(db: Db, now: Date): Promise<CatalogFigures> {
  const [readings, quarantined] = await Promise.all([
    listReadingFigures(db, now),
    listUndecided(db),
  ])
  return { readings, quarantined }
}
