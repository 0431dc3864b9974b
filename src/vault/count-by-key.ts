import type { DbOrTx } from '../db/database.ts'
import { digestColumns } from './digest-columns.ts'
import { macColumns } from './mac-columns.ts'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'
import { countBatch } from './sealed-values/store.ts'

export interface KeyCount {
  readonly column: SealedColumn
  readonly keyId: string
  readonly values: number
}

const batchSize = 5_000

/**
 * How many sealed values and MACs each column holds under each key of the ring. Reads every row in
 * batches, so it is for operators' commands, not for requests.
 */
export async function countByKey(db: DbOrTx): Promise<KeyCount[]> {
  return count(db, [...sealedColumns, ...macColumns], 'values')
}

/** As `countByKey`, of digests under each digest key. */
export async function countDigests(db: DbOrTx): Promise<KeyCount[]> {
  return count(db, Object.values(digestColumns), 'digests')
}

async function count(
  db: DbOrTx,
  columns: readonly SealedColumn[],
  holds: 'values' | 'digests',
): Promise<KeyCount[]> {
  const counts: KeyCount[] = []
  for (const column of columns) {
    const perKey = new Map<string, number>()
    let after: string | undefined
    do {
      const batch = await countBatch(db, column, after, batchSize, holds)
      for (const [keyId, values] of Object.entries(batch.counts))
        perKey.set(keyId, (perKey.get(keyId) ?? 0) + values)
      after = batch.next
    } while (after !== undefined)
    counts.push(...[...perKey].map(([keyId, values]) => ({ column, keyId, values })))
  }
  return counts
}
