import type { DbOrTx } from '../db/database.ts'
import type { SealedColumn } from './sealed-columns.ts'
import { listSealed, type SealedRow } from './store.ts'

const rowsAtOnce = 500

/** All rows of a sealed column, in windows. @param except  the key whose values are not read, only counted */
export async function* everySealed(
  db: DbOrTx,
  column: SealedColumn,
  except: string,
): AsyncGenerator<SealedRow[]> {
  for (let after: string | undefined; ;) {
    const rows = await listSealed(db, column, except, after, rowsAtOnce)
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce) return
    after = rows.at(-1)?.key
  }
}
