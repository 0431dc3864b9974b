import type { DbOrTx } from '../db/database.ts'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'
import { countWindow } from './store.ts'

export interface KeyCount {
  readonly column: SealedColumn
  readonly keyId: string
  readonly values: number
}

const rowsAtOnce = 5_000

/** How many values each column holds under each key, counted in windows. Looks at every row, so it is for people who ask. */
export async function countByKey(db: DbOrTx): Promise<KeyCount[]> {
  const counts: KeyCount[] = []
  for (const column of sealedColumns) {
    const perKey = new Map<string, number>()
    let after: string | undefined
    do {
      const window = await countWindow(db, column, after, rowsAtOnce)
      for (const [keyId, values] of Object.entries(window.counts))
        perKey.set(keyId, (perKey.get(keyId) ?? 0) + values)
      after = window.next
    } while (after !== undefined)
    counts.push(...[...perKey].map(([keyId, values]) => ({ column, keyId, values })))
  }
  return counts
}
