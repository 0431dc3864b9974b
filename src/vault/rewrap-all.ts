import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { isInForce } from './digest-keys/digest-key.ts'
import type { KeyRing } from './key-ring.ts'
import { macColumnOf } from './mac-columns.ts'
import { readSealedRows } from './read-sealed-rows.ts'
import { openBytes, resealUnderSameKey, rewrap, sealAgain } from './seal.ts'
import { remakeMacs, type WrongMac } from './sealed-rows/remake-macs.ts'
import { aadOf, sealedColumns, type DestinationOf, type SealedColumn } from './sealed-columns.ts'
import {
  replaceSealed,
  type Excluded,
  type Rewrapped,
  type SealedRow,
} from './sealed-values/store.ts'
import type { Pass } from './wait-for-transactions.ts'

/** A value that does not open or a MAC that does not fit, and that therefore stays as it is. */
export interface Damaged {
  readonly column: SealedColumn
  readonly key: string
  readonly keyId: string
  readonly reason: string
}

const maxPauseMs = 500

export type OnRewritten = (column: SealedColumn, rewrapped: number) => void

/**
 * `rewrap`: wraps data keys anew. `again`: seals values again, with new data keys, and leaves the
 * digest keys in force as they are; its portions take half of the time at most. `after retirement`:
 * the same, but the digest key in force is under the ring's current key, and so none of these is.
 */
export type Rewriting = 'rewrap' | 'again' | 'after retirement'

/** Rewrites all values and remakes all MACs, in one pass, with the current key of the ring. */
export async function rewriteAll(
  connection: Db,
  ring: KeyRing,
  rewriting: Rewriting,
  destinationOf: DestinationOf,
  onRewritten: OnRewritten,
): Promise<Pass<Damaged>> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  for (const column of sealedColumns) {
    const rewrite = (row: Value): Buffer | undefined => {
      const aad = aadOf(column, row, destinationOf)
      if (rewriting === 'rewrap') return rewrap(ring, row.sealed, aad)
      if (!isDigestKeyInForce(column, row)) return sealAgain(ring, row.sealed, aad)
      // SQL could name any row so.
      openBytes(ring, row.sealed, aad)
      if (rewriting === 'again') return undefined
      throw new Error('An older digest key is in force again, past Kontor.')
    }
    const pass = await rewriteColumn(connection, {
      column,
      excluded: { keyId: ring.current },
      onRewritten,
      rewrite,
      isPaced: rewriting !== 'rewrap',
    })
    sum.rewrapped += pass.rewrapped
    sum.skipped += pass.skipped
    sum.damaged.push(...pass.damaged)
  }
  const remade = await remakeMacs(connection, ring, (table, count) => {
    onRewritten(macColumnOf(table), count)
  })
  sum.rewrapped += remade.count
  sum.skipped += remade.skipped
  sum.damaged.push(...remade.wrong.map(damagedOf))
  return sum
}

function isDigestKeyInForce({ table }: SealedColumn, { row, version }: Value): boolean {
  return table === 'vault_secrets' && isInForce(row, version)
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
): Promise<Pass<Damaged>> {
  return rewriteColumn(connection, {
    column,
    excluded: 'newest format',
    onRewritten,
    rewrite: (row) => resealUnderSameKey(ring, row.sealed, aadOf(column, row, destinationOf)),
    isPaced: false,
  })
}

type Value = SealedRow & { readonly sealed: Buffer }

interface ColumnPass {
  readonly column: SealedColumn
  readonly excluded: Excluded
  readonly onRewritten: OnRewritten
  /** Undefined: the value stays as it is. */
  readonly rewrite: (row: Value) => Buffer | undefined
  readonly isPaced: boolean
}

async function rewriteColumn(
  connection: Db,
  { column, excluded, onRewritten, rewrite, isPaced }: ColumnPass,
): Promise<Pass<Damaged>> {
  const sum = { rewrapped: 0, skipped: 0, damaged: [] as Damaged[] }
  let began = performance.now()
  for await (const rows of readSealedRows(connection, column, excluded)) {
    const { rewrapped, damaged } = rewriteRows(column, rows, rewrite)
    sum.damaged.push(...damaged)
    if (rewrapped.length === 0) continue
    const replaced = await replaceSealed(connection, column, rewrapped)
    sum.rewrapped += replaced
    sum.skipped += rewrapped.length - replaced
    onRewritten(column, sum.rewrapped)
    if (isPaced) await pause(Math.min(maxPauseMs, performance.now() - began))
    began = performance.now()
  }
  return sum
}

function rewriteRows(
  column: SealedColumn,
  rows: readonly SealedRow[],
  rewrite: (row: Value) => Buffer | undefined,
): { readonly rewrapped: readonly Rewrapped[]; readonly damaged: readonly Damaged[] } {
  const rewrapped: Rewrapped[] = []
  const damaged: Damaged[] = []
  for (const row of rows) {
    const { key, keyId, sealed } = row
    if (sealed === null) continue
    try {
      const after = rewrite({ ...row, sealed })
      if (after !== undefined) rewrapped.push({ key, before: sealed, after })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown cause'
      damaged.push({ column, key, keyId: keyId ?? '', reason })
    }
  }
  return { rewrapped, damaged }
}
