import type { Db } from '../db/database.ts'
import type { KeyRing } from './key-ring.ts'
import { macColumnOf } from './mac-columns.ts'
import { readSealedRows } from './read-sealed-rows.ts'
import { resealUnderSameKey, rewrap } from './seal.ts'
import { remakeMacs, type WrongMac } from './sealed-rows/remake-macs.ts'
import { aadOf, sealedColumns, type DestinationOf, type SealedColumn } from './sealed-columns.ts'
import {
  replaceSealed,
  type Excluded,
  type Rewrapped,
  type SealedRow,
} from './sealed-values/store.ts'

/** A value that does not open or a MAC that does not fit, and that therefore stays as it is. */
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

export type OnRewritten = (column: SealedColumn, rewrapped: number) => void

/** Rewraps all values and remakes all MACs, in one pass, with the current key of the ring. */
export async function rewrapAll(
  connection: Db,
  ring: KeyRing,
  destinationOf: DestinationOf,
  onRewritten: OnRewritten,
): Promise<Pass> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    const pass = await rewriteColumn(
      connection,
      column,
      { keyId: ring.current },
      onRewritten,
      (row) => rewrap(ring, row.sealed, aadOf(column, row, destinationOf)),
    )
    sum.rewrapped += pass.rewrapped
    sum.skipped += pass.skipped
    sum.damaged.push(...pass.damaged)
  }
  const remade = await remakeMacs(connection, ring, (table, count) => {
    onRewritten(macColumnOf(table), count)
  })
  sum.rewrapped += remade.count
  sum.damaged.push(...remade.wrong.map(damagedOf))
  return sum
}

function damagedOf({ table, key, keyId }: WrongMac): Damaged {
  return { column: macColumnOf(table), key, keyId, reason: 'Its MAC does not fit it.' }
}

/**
 * Seals the values of a column anew in the newest format that have an older one, each under the key
 * that it has, in one pass. For a database in which every process reads that format.
 */
export function resealColumn(
  connection: Db,
  column: SealedColumn,
  ring: KeyRing,
  destinationOf: DestinationOf,
  onRewritten: OnRewritten,
): Promise<Pass> {
  return rewriteColumn(connection, column, 'newest format', onRewritten, (row) =>
    resealUnderSameKey(ring, row.sealed, aadOf(column, row, destinationOf)),
  )
}

type Value = SealedRow & { readonly sealed: Buffer }

async function rewriteColumn(
  connection: Db,
  column: SealedColumn,
  excluded: Excluded,
  onRewritten: OnRewritten,
  rewrite: (row: Value) => Buffer,
): Promise<Pass> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  for await (const rows of readSealedRows(connection, column, excluded)) {
    const { rewrapped, damaged } = rewriteRows(column, rows, rewrite)
    sum.damaged.push(...damaged)
    if (rewrapped.length === 0) continue
    const replaced = await replaceSealed(connection, column, rewrapped)
    sum.rewrapped += replaced
    sum.skipped += rewrapped.length - replaced
    onRewritten(column, sum.rewrapped)
  }
  return sum
}

function rewriteRows(
  column: SealedColumn,
  rows: readonly SealedRow[],
  rewrite: (row: Value) => Buffer,
): { readonly rewrapped: readonly Rewrapped[]; readonly damaged: readonly Damaged[] } {
  const rewrapped: Rewrapped[] = []
  const damaged: Damaged[] = []
  for (const row of rows) {
    const { key, keyId, sealed } = row
    if (sealed === null) continue
    try {
      rewrapped.push({ key, before: sealed, after: rewrite({ ...row, sealed }) })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown cause'
      damaged.push({ column, key, keyId: keyId ?? '', reason })
    }
  }
  return { rewrapped, damaged }
}
