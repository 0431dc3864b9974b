// The MAC of a sealed set names all tables that are sealed, with their columns, as the mark does.
// So an older mark, which lacks a table or columns, fits no set that was made since.
import type { Macs } from '../mac.ts'
import type { SealedSet } from './sets/store.ts'

const modulus = 2n ** 256n

/**
 * A set with its MAC.
 * @param names  of all sealed tables with their columns
 * @param sum    of the weights of the table's rows
 */
export function sealSet(
  macs: Macs,
  names: readonly string[],
  table: string,
  revision: bigint,
  sum: bigint,
): SealedSet {
  const positive = ((sum % modulus) + modulus) % modulus
  const digest = Buffer.from(positive.toString(16).padStart(64, '0'), 'hex')
  const mac = macs.mac(valueOf({ revision, digest }, names), contextOf(table))
  return { table, revision, digest, mac }
}

/** Whether Kontor made the set while these tables were sealed; it may be an old one. */
export function isGenuine(macs: Macs, names: readonly string[], set: SealedSet): boolean {
  return macs.verifyMac(set.mac, valueOf(set, names), contextOf(set.table))
}

export function sumOf({ digest }: Pick<SealedSet, 'digest'>): bigint {
  return BigInt(`0x${digest.toString('hex')}`)
}

/** Whether a set stands for rows with these weights. */
export function isSumOf(set: SealedSet, weights: Iterable<bigint>): boolean {
  let sum = 0n
  for (const weight of weights) sum += weight
  return sum % modulus === sumOf(set)
}

/** Whether only one row was written between two sets of a table. @param weights  of that row */
export function isOneChange(
  before: SealedSet,
  after: SealedSet,
  weights: { readonly old: bigint; readonly fresh: bigint },
): boolean {
  const sum = sumOf(before) + weights.fresh - weights.old
  return ((sum % modulus) + modulus) % modulus === sumOf(after)
}

const contextOf = (table: string) => ['set', table]

function valueOf(
  { revision, digest }: Pick<SealedSet, 'revision' | 'digest'>,
  names: readonly string[],
): readonly string[] {
  return [String(revision), digest.toString('hex'), ...names.toSorted()]
}
