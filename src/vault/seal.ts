// Envelope encryption: each record has a data key of its own, which the key ring's current key wraps.
//
//   0x01 | length of key id | key id | wrapped data key (12 iv + 32 + 16 tag) | 12 iv | ciphertext | 16 tag
//
// The additional data names the place of the record (table, row, column, tenant), so that a sealed value copied to
// another row does not open there.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import type { KeyRing } from './keyring.ts'

const version = 1
const ivLength = 12
const tagLength = 16
const keyLength = 32
const wrappedLength = ivLength + keyLength + tagLength

/** Where a sealed value lives: table, column, row id, and the tenant or owner it belongs to. */
export type Place = readonly [table: string, column: string, row: string, owner: string]

function placeBytes (place: Place): Buffer {
  return Buffer.from(JSON.stringify(place))
}

function encrypt (key: KeyObject, plain: Buffer, place: Buffer): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(place)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt (key: KeyObject, sealed: Buffer, place: Buffer): Buffer {
  const tagAt = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength })
    .setAAD(place)
    .setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(ivLength, tagAt)), decipher.final()])
}

export function sealBytes (ring: KeyRing, plain: Buffer, place: Place): Buffer {
  const bound = placeBytes(place)
  const id = Buffer.from(ring.current)
  const ringKey = ring.keys.get(ring.current)
  if (ringKey === undefined) throw new Error(`The key ring has no key "${ring.current}".`)
  const dataKey = randomBytes(keyLength)
  return Buffer.concat([Buffer.of(version, id.length), id, encrypt(ringKey, dataKey, bound), encrypt(createSecretKey(dataKey), plain, bound)])
}

/** @throws Error when the key is not in the ring, or the value was changed or belongs to another place */
export function openBytes (ring: KeyRing, sealed: Buffer, place: Place): Buffer {
  if (sealed[0] !== version) throw new Error('A sealed value has an unknown version.')
  const bodyAt = 2 + (sealed[1] ?? 0)
  const id = sealed.subarray(2, bodyAt).toString()
  const ringKey = ring.keys.get(id)
  if (ringKey === undefined) throw new Error(`A value is sealed with the key "${id}", which is not in KONTOR_KEYS.`)
  const bound = placeBytes(place)
  try {
    const dataKey = createSecretKey(decrypt(ringKey, sealed.subarray(bodyAt, bodyAt + wrappedLength), bound))
    return decrypt(dataKey, sealed.subarray(bodyAt + wrappedLength), bound)
  } catch (cause) {
    throw new Error(`A sealed value of ${place[0]}.${place[1]} does not open with the key "${id}".`, { cause })
  }
}
