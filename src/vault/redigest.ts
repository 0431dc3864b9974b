import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import type { Damaged } from './rewrap-all.ts'
import type { SealedColumn } from './sealed-columns.ts'
import { replaceSealed, type Rewrapped } from './sealed-values/store.ts'
import type { Pass } from './wait-for-transactions.ts'

export interface DigestedRow {
  readonly key: string
  /** Null: it has none. */
  readonly digest: Buffer | null
}

const batchSize = 500
const maxPauseMs = 500

/**
 * Makes the digests of a column again, in portions that take half of the time at most.
 * @param prefix  with which digests of the newest key begin: they stay
 * @param list  the next rows in the order of their keys
 * @param renew  the new digest; null: none is needed any more; undefined: it cannot be made
 */
export async function redigest<Row extends DigestedRow>(
  connection: Db,
  column: SealedColumn,
  prefix: Buffer,
  list: (after: string | undefined, limit: number) => Promise<readonly Row[]>,
  renew: (row: Row, digest: Buffer) => Buffer | null | undefined,
): Promise<Pass<Damaged>> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  for (let after: string | undefined; ;) {
    const began = performance.now()
    const rows = await list(after, batchSize)
    const fresh: Rewrapped[] = []
    for (const row of rows) {
      const { key, digest } = row
      if (digest === null || digest.subarray(0, prefix.length).equals(prefix)) continue
      try {
        const renewed = renew(row, digest)
        if (renewed !== undefined) fresh.push({ key, before: digest, after: renewed })
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown cause'
        sum.damaged.push({ column, key, keyId: '', reason })
      }
    }
    const replaced = fresh.length === 0 ? 0 : await replaceSealed(connection, column, fresh)
    sum.rewrapped += replaced
    sum.skipped += fresh.length - replaced
    if (rows.length < batchSize) return sum
    after = rows.at(-1)?.key
    await pause(Math.min(maxPauseMs, performance.now() - began))
  }
}
