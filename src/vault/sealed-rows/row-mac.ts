// What the column `mac` of a protected row holds:
//
//   a MAC (../mac.ts) of the row's primary key and its content's digest | that digest (SHA-256)
//
// The MAC's context names the table and the columns of the content, so that a MAC which was made
// over fewer columns does not count once more of them decide.
//
// With the digest beside it, a MAC that Kontor made for this row is still recognised when the
// content has been changed. So one changed row does not bring the sum of its table into doubt, and
// bytes that Kontor never made cannot be put into that sum.
import { hash } from 'node:crypto'
import type { Macs } from '../mac.ts'
import type { SealedTable } from './tables.ts'

/** A row of a table in tables.ts. */
export interface ProtectedRow {
  readonly key: string
  /** The columns under the MAC as text, in the order of the table's list of columns. */
  readonly content: ReadonlyArray<string | null>
  readonly mac: Buffer | null
}

/**
 * `right`: Kontor wrote it as it is. `altered`: Kontor once wrote this row, but not with this
 * content. `unsealed`: it has no MAC that Kontor made for it.
 */
export type RowState = 'right' | 'altered' | 'unsealed'

const digestLength = 32

function digestOf({ content }: ProtectedRow): Buffer {
  return hash('sha256', JSON.stringify(content), 'buffer')
}

const contextOf = ({ table, columns }: SealedTable) => ['row', table, ...columns]
const valueOf = ({ key }: ProtectedRow, digest: Buffer) => [key, digest.toString('hex')]

/** The bytes for the row's column `mac`. @throws as `Macs.mac` */
export function sealRow(macs: Macs, table: SealedTable, row: ProtectedRow): Buffer {
  const digest = digestOf(row)
  return Buffer.concat([macs.mac(valueOf(row, digest), contextOf(table)), digest])
}

/** @param verified  in hexadecimal, a MAC that was verified for this row of the table before */
export function stateOf(
  macs: Macs,
  table: SealedTable,
  row: ProtectedRow,
  verified?: string,
): RowState {
  if (row.mac === null) return 'unsealed'
  const digest = row.mac.subarray(-digestLength)
  const isKnown = verified !== undefined && row.mac.toString('hex') === verified
  if (!isKnown && !macs.verifyMac(macOfRow(row), valueOf(row, digest), contextOf(table)))
    return 'unsealed'
  return digest.equals(digestOf(row)) ? 'right' : 'altered'
}

/** The MAC itself, without the digest; empty for a row without one. */
function macOfRow({ mac }: ProtectedRow): Buffer {
  return mac?.subarray(0, -digestLength) ?? Buffer.of()
}

/** What a row that is `right` or `altered` adds to the sum of its table. */
export function weightOf(mac: Buffer): bigint {
  return BigInt(`0x${mac.subarray(-2 * digestLength, -digestLength).toString('hex')}`)
}
