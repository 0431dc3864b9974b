import type { DbOrTx } from '../db/database.ts'
import { everySealed } from './every-sealed.ts'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'

export interface KeyCount {
  readonly column: SealedColumn
  readonly keyId: string
  readonly values: number
}

/** How many values each column holds under each key, counted in windows. Looks at every row, so it is for people who ask. */
export async function countByKey (db: DbOrTx): Promise<KeyCount[]> {
  const counts: KeyCount[] = []
  for (const column of sealedColumns) {
    const perKey = new Map<string, number>()
    for await (const rows of everySealed(db, column, '')) {
      for (const { keyId } of rows) if (keyId !== null) perKey.set(keyId, (perKey.get(keyId) ?? 0) + 1)
    }
    counts.push(...[...perKey].map(([keyId, values]) => ({ column, keyId, values })))
  }
  return counts
}
