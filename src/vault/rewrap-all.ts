import type { Db } from '../db/database.ts'
import type { KeyRing } from './key-ring.ts'
import { readSealedRows } from './read-sealed-rows.ts'
import { rewrap } from './seal.ts'
import { aadOf, sealedColumns, type SealedColumn } from './sealed-columns.ts'
import { replaceSealed, type Rewrapped, type SealedRow } from './sealed-values/store.ts'

/** A value that does not open and therefore cannot be rewrapped. */
export interface Damaged {
  readonly column: SealedColumn
  readonly key: string
  readonly keyId: string
  readonly reason: string
}

interface Pass {
  readonly rewrapped: number
  /** Values that another transaction had locked or has changed: the next pass retries them. */
  readonly skipped: number
  readonly damaged: readonly Damaged[]
}

/** Rewraps all values, in one pass over all columns, with the current key of the ring. */
export async function rewrapAll(
  connection: Db,
  ring: KeyRing,
  onProgress: (column: SealedColumn, rewrapped: number) => void,
): Promise<Pass> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    let ofColumn = 0
    for await (const rows of readSealedRows(connection, column, ring.current)) {
      const { rewrapped, damaged } = rewrapRows(ring, column, rows)
      sum.damaged.push(...damaged)
      if (rewrapped.length === 0) continue
      const replaced = await replaceSealed(connection, column, rewrapped)
      ofColumn += replaced
      sum.skipped += rewrapped.length - replaced
      onProgress(column, ofColumn)
    }
    sum.rewrapped += ofColumn
  }
  return sum
}

function rewrapRows(
  ring: KeyRing,
  column: SealedColumn,
  rows: readonly SealedRow[],
): { readonly rewrapped: readonly Rewrapped[]; readonly damaged: readonly Damaged[] } {
  const rewrapped: Rewrapped[] = []
  const damaged: Damaged[] = []
  for (const row of rows) {
    if (row.sealed === null) continue
    try {
      const after = rewrap(ring, row.sealed, aadOf(column, row))
      rewrapped.push({ key: row.key, before: row.sealed, after })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown cause'
      damaged.push({ column, key: row.key, keyId: row.keyId ?? '', reason })
    }
  }
  return { rewrapped, damaged }
}
