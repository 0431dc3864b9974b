// Envelope encryption: each value has its own data key, which the key ring's current key wraps.
//
//   format | length of key id | key id | wrapped data key (12 iv + 32 + 16 tag)
//   | 12 iv | ciphertext | 16 tag
//
// The additional authenticated data (AAD) names table, column, row and owner, so that a sealed
// value copied to another row does not open there. In format 3 it also names the value's version
// and where the value may be sent, so that neither an older value nor another address will do.
// Format 1, which releases up to 0.2 write, lacks those two.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'

/** The first byte of a sealed value. */
export type Format = 1 | 3
export const newestFormat = 3

const ivLength = 12
const tagLength = 16
const keyLength = 32
const wrappedLength = ivLength + keyLength + tagLength

/**
 * The additional authenticated data of a sealed value.
 * `version`: that of the value, where it changes in place; absent: 0.
 * `destination`: where the value may be sent; absent: nowhere.
 */
export type Aad = readonly [
  table: string,
  column: string,
  row: string,
  owner: string,
  version?: number,
  destination?: string,
]

/** A sealed value that replaces the one of a row, with its version, which is written with it. */
export interface VersionedValue {
  readonly sealed: Buffer
  readonly version: number
}

function aadBytes(format: Format, aad: Aad): Buffer {
  const [table, column, row, owner, version = 0, destination = ''] = aad
  const identity = [table, column, row, owner]
  return Buffer.from(JSON.stringify(format === 1 ? identity : [...identity, version, destination]))
}

/** AES-256-GCM: 12 bytes of IV, the ciphertext, 16 bytes of tag. */
export function encrypt(key: KeyObject, plain: Buffer, aad: Buffer): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(aad)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws Error for bytes that `encrypt` did not make with this key and this AAD */
export function decrypt(key: KeyObject, sealed: Buffer, aad: Buffer): Buffer {
  const tagAt = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(ivLength, tagAt)), decipher.final()])
}

/** The first bytes of every value of this format that is sealed with this key. */
export function prefixOf(keyId: string, format: Format): Buffer {
  const id = Buffer.from(keyId)
  return Buffer.concat([Buffer.of(format, id.length), id])
}

function wrapped(ring: KeyRing, format: Format, dataKey: Buffer, bound: Buffer): Buffer {
  const ringKey = ring.keys.get(ring.current)
  if (ringKey === undefined) throw new Error(`The key ring has no key "${ring.current}".`)
  return Buffer.concat([prefixOf(ring.current, format), encrypt(ringKey, dataKey, bound)])
}

export function sealBytes(
  ring: KeyRing,
  plain: Buffer,
  aad: Aad,
  format: Format = newestFormat,
): Buffer {
  const dataKey = randomBytes(keyLength)
  const bound = aadBytes(format, aad)
  return Buffer.concat([
    wrapped(ring, format, dataKey, bound),
    encrypt(createSecretKey(dataKey), plain, bound),
  ])
}

/** @returns undefined when it is not a sealed value */
export function formatOf(sealed: Buffer): Format | undefined {
  const format = sealed[0]
  return format === 1 || format === newestFormat ? format : undefined
}

/** The id of the ring's key that a value is sealed with. */
export function keyIdOf(sealed: Buffer): string {
  return sealed.subarray(2, bodyAtOf(sealed)).toString()
}

function bodyAtOf(sealed: Buffer): number {
  return 2 + (sealed[1] ?? 0)
}

interface Opened {
  readonly format: Format
  readonly bound: Buffer
  readonly dataKey: Buffer
  readonly plain: Buffer
}

function openWhole(ring: KeyRing, sealed: Buffer, aad: Aad): Opened {
  const format = formatOf(sealed)
  if (format === undefined) throw new UnopenedError('A sealed value has an unknown format version.')
  const bodyAt = bodyAtOf(sealed)
  const keyId = keyIdOf(sealed)
  const ringKey = ring.keys.get(keyId)
  if (ringKey === undefined)
    throw new BrokerError(
      'unavailable',
      `A value is sealed with the key "${keyId}", which is not in the KONTOR_KEYS of this ` +
        'process. Another process may have it: try again.',
      { retryAfterSeconds: 5 },
    )
  const bound = aadBytes(format, aad)
  try {
    const dataKey = decrypt(ringKey, sealed.subarray(bodyAt, bodyAt + wrappedLength), bound)
    const plain = decrypt(createSecretKey(dataKey), sealed.subarray(bodyAt + wrappedLength), bound)
    return { format, bound, dataKey, plain }
  } catch (cause) {
    throw new UnopenedError(
      `A sealed value of ${aad[0]}.${aad[1]} does not open with the key "${keyId}".`,
      { cause },
    )
  }
}

/** A sealed value was changed, or sealed for another row, version or destination. */
export class UnopenedError extends Error {}

/**
 * @throws BrokerError `unavailable` when the key is not in the ring; UnopenedError when the value
 *   was changed or sealed with other AAD; Error when it is no sealed value
 */
export function openBytes(ring: KeyRing, sealed: Buffer, aad: Aad): Buffer {
  return openWhole(ring, sealed, aad).plain
}

/**
 * The same value under the ring's current key, in the format that it has. Wraps only the data key
 * anew: the ciphertext depends on the data key alone and stays the same. Opens the value first, so
 * that a damaged one is reported instead of rewrapped.
 * @throws as openBytes
 */
export function rewrap(ring: KeyRing, sealed: Buffer, aad: Aad): Buffer {
  const { format, bound, dataKey } = openWhole(ring, sealed, aad)
  return Buffer.concat([
    wrapped(ring, format, dataKey, bound),
    sealed.subarray(bodyAtOf(sealed) + wrappedLength),
  ])
}

/**
 * The same value with a new data key under the ring's current key. A person with an older key of
 * the ring and an older copy of the value knows nothing of it.
 * @throws as openBytes, and UnopenedError for a value in an older format: it would else be bound to
 *   a version and a destination that it was not sealed for
 */
export function sealAgain(ring: KeyRing, sealed: Buffer, aad: Aad): Buffer {
  if (formatOf(sealed) !== newestFormat)
    throw new UnopenedError(`A value of ${aad[0]}.${aad[1]} has a format of earlier releases.`)
  return sealBytes(ring, openBytes(ring, sealed, aad), aad)
}

/**
 * The same value in the newest format, with a new data key, under the ring's key that it has: a
 * process that lacks the current one can open it.
 * @param nextAad  that of the new value
 * @throws as openBytes
 */
export function resealUnderSameKey(
  ring: KeyRing,
  sealed: Buffer,
  aad: Aad,
  nextAad: Aad = aad,
): Buffer {
  return sealBytes({ ...ring, current: keyIdOf(sealed) }, openBytes(ring, sealed, aad), nextAad)
}
