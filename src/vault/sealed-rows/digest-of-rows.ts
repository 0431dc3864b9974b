import { createHash } from 'node:crypto'
import type { DbOrTx } from '../../db/database.ts'
import { listRows } from './rows/store.ts'
import { nameWithColumns, sealedTable, type SealedTableName } from './tables.ts'

/**
 * A digest (SHA-256, in hexadecimal) of what decides in the rows of a table, whether they are right
 * or not. It needs no key. An operator names it when he accepts the table, so that he accepts what
 * he has looked at and nothing that came later.
 */
export async function digestOfRows(db: DbOrTx, table: SealedTableName): Promise<string> {
  const spec = sealedTable(table)
  const rows = (await listRows(db, spec)).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const hash = createHash('sha256').update(nameWithColumns(spec))
  for (const { key, content } of rows) hash.update(JSON.stringify([key, content]))
  return hash.digest('hex')
}
