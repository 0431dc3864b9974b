import type { Macs } from '../mac.ts'
import type { SealedSet } from './sets/store.ts'

const modulus = 2n ** 256n

/** A set with its MAC. @param sum  of the weights of the table's rows */
export function sealSet(macs: Macs, table: string, revision: bigint, sum: bigint): SealedSet {
  const positive = ((sum % modulus) + modulus) % modulus
  const digest = Buffer.from(positive.toString(16).padStart(64, '0'), 'hex')
  const mac = macs.mac(valueOf({ revision, digest }), contextOf(table))
  return { table, revision, digest, mac }
}

/** Whether Kontor made the set; it may be an old one. */
export function isGenuine(macs: Macs, set: SealedSet): boolean {
  return macs.verifyMac(set.mac, valueOf(set), contextOf(set.table))
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

const contextOf = (table: string) => ['set', table]

function valueOf({ revision, digest }: Pick<SealedSet, 'revision' | 'digest'>): readonly string[] {
  return [String(revision), digest.toString('hex')]
}
