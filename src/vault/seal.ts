// Envelope encryption: each value has its own data key, which the key ring's current key wraps.
//
//   0x01 | length of key id | key id | wrapped data key (12 iv + 32 + 16 tag)
//   | 12 iv | ciphertext | 16 tag
//
// The additional authenticated data (AAD) names table, column, row and owner, so that a sealed
// value copied to another row does not open there.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'

const version = 1
const ivLength = 12
const tagLength = 16
const keyLength = 32
const wrappedLength = ivLength + keyLength + tagLength

/** The additional authenticated data of a sealed value. */
export type Aad = readonly [table: string, column: string, row: string, owner: string]

function aadBytes(aad: Aad): Buffer {
  return Buffer.from(JSON.stringify(aad))
}

function encrypt(key: KeyObject, plain: Buffer, aad: Buffer): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(aad)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, sealed: Buffer, aad: Buffer): Buffer {
  const tagAt = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(ivLength, tagAt)), decipher.final()])
}

/** The first bytes of every value that is sealed with this key. */
export function prefixOf(keyId: string): Buffer {
  const id = Buffer.from(keyId)
  return Buffer.concat([Buffer.of(version, id.length), id])
}

function wrapped(ring: KeyRing, dataKey: Buffer, aad: Aad): Buffer {
  const ringKey = ring.keys.get(ring.current)
  if (ringKey === undefined) throw new Error(`The key ring has no key "${ring.current}".`)
  return Buffer.concat([prefixOf(ring.current), encrypt(ringKey, dataKey, aadBytes(aad))])
}

export function sealBytes(ring: KeyRing, plain: Buffer, aad: Aad): Buffer {
  const dataKey = randomBytes(keyLength)
  return Buffer.concat([
    wrapped(ring, dataKey, aad),
    encrypt(createSecretKey(dataKey), plain, aadBytes(aad)),
  ])
}

/** The id of the key that a value is sealed with; undefined when it is not a sealed value. */
function keyIdOf(sealed: Buffer): string | undefined {
  return sealed[0] === version && sealed.length > 2
    ? sealed.subarray(2, bodyAtOf(sealed)).toString()
    : undefined
}

function bodyAtOf(sealed: Buffer): number {
  return 2 + (sealed[1] ?? 0)
}

function ringKeyOf(ring: KeyRing, sealed: Buffer): KeyObject {
  if (sealed[0] !== version) throw new Error('A sealed value has an unknown format version.')
  const id = keyIdOf(sealed) ?? ''
  const ringKey = ring.keys.get(id)
  if (ringKey === undefined)
    throw new BrokerError(
      'unavailable',
      `A value is sealed with the key "${id}", which is not in the KONTOR_KEYS of this process. ` +
        'Another process may have it: try again.',
      { retryAfterSeconds: 5 },
    )
  return ringKey
}

function openWhole(
  ring: KeyRing,
  sealed: Buffer,
  aad: Aad,
): { readonly dataKey: Buffer; readonly plain: Buffer } {
  const ringKey = ringKeyOf(ring, sealed)
  const bound = aadBytes(aad)
  const bodyAt = bodyAtOf(sealed)
  try {
    const dataKey = decrypt(ringKey, sealed.subarray(bodyAt, bodyAt + wrappedLength), bound)
    return {
      dataKey,
      plain: decrypt(createSecretKey(dataKey), sealed.subarray(bodyAt + wrappedLength), bound),
    }
  } catch (cause) {
    throw new Error(
      `A sealed value of ${aad[0]}.${aad[1]} does not open with the key "${keyIdOf(sealed)}".`,
      { cause },
    )
  }
}

/**
 * @throws BrokerError `unavailable` when the key is not in the ring; Error when the value was
 *   changed or sealed with other AAD
 */
export function openBytes(ring: KeyRing, sealed: Buffer, aad: Aad): Buffer {
  return openWhole(ring, sealed, aad).plain
}

/**
 * The same value under the ring's current key. Wraps only the data key anew: the ciphertext depends
 * on the data key alone and stays the same. Opens the value first, so that a damaged one is
 * reported instead of rewrapped.
 * @throws as openBytes
 */
export function rewrap(ring: KeyRing, sealed: Buffer, aad: Aad): Buffer {
  const { dataKey } = openWhole(ring, sealed, aad)
  return Buffer.concat([
    wrapped(ring, dataKey, aad),
    sealed.subarray(bodyAtOf(sealed) + wrappedLength),
  ])
}
