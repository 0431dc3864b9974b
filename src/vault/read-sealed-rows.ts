import type { DbOrTx } from '../db/database.ts'
import type { SealedColumn } from './sealed-columns.ts'
import { listSealed, type Excluded, type SealedRow } from './sealed-values/store.ts'

const batchSize = 500

/** All rows of a sealed column, in batches; excluded values are not read. */
export async function* readSealedRows(
  db: DbOrTx,
  column: SealedColumn,
  excluded: Excluded,
): AsyncGenerator<SealedRow[]> {
  for (let after: string | undefined; ;) {
    const rows = await listSealed(db, column, excluded, after, batchSize)
    if (rows.length > 0) yield rows
    if (rows.length < batchSize) return
    after = rows.at(-1)?.key
  }
}
