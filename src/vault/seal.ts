// Envelope encryption: each record has a data key of its own, which the key ring's current key wraps.
//
//   0x01 | length of key id | key id | wrapped data key (12 iv + 32 + 16 tag) | 12 iv | ciphertext | 16 tag
//
// The additional data names the place of the record (table, row, column, tenant), so that a sealed value copied to
// another row does not open there.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from './keyring.ts'

const version = 1
const ivLength = 12
const tagLength = 16
const keyLength = 32
const wrappedLength = ivLength + keyLength + tagLength

/** Where a sealed value lives: table, column, row id, and the tenant or owner it belongs to. */
export type Place = readonly [table: string, column: string, row: string, owner: string]

function placeBytes(place: Place): Buffer {
  return Buffer.from(JSON.stringify(place))
}

function encrypt(key: KeyObject, plain: Buffer, place: Buffer): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(place)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, sealed: Buffer, place: Buffer): Buffer {
  const tagAt = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), {
    authTagLength: tagLength,
  })
    .setAAD(place)
    .setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(ivLength, tagAt)), decipher.final()])
}

/** What every value sealed with this key begins with. */
export function prefixOf(keyId: string): Buffer {
  const id = Buffer.from(keyId)
  return Buffer.concat([Buffer.of(version, id.length), id])
}

function wrapped(ring: KeyRing, dataKey: Buffer, place: Place): Buffer {
  const ringKey = ring.keys.get(ring.current)
  if (ringKey === undefined) throw new Error(`The key ring has no key "${ring.current}".`)
  return Buffer.concat([prefixOf(ring.current), encrypt(ringKey, dataKey, placeBytes(place))])
}

export function sealBytes(ring: KeyRing, plain: Buffer, place: Place): Buffer {
  const dataKey = randomBytes(keyLength)
  return Buffer.concat([
    wrapped(ring, dataKey, place),
    encrypt(createSecretKey(dataKey), plain, placeBytes(place)),
  ])
}

/** The id of the key that a value is sealed with; undefined when it is no sealed value. */
function keyIdOf(sealed: Buffer): string | undefined {
  return sealed[0] === version && sealed.length > 2
    ? sealed.subarray(2, bodyAtOf(sealed)).toString()
    : undefined
}

function bodyAtOf(sealed: Buffer): number {
  return 2 + (sealed[1] ?? 0)
}

function ringKeyOf(ring: KeyRing, sealed: Buffer): KeyObject {
  if (sealed[0] !== version) throw new Error('A sealed value has an unknown version.')
  const id = keyIdOf(sealed) ?? ''
  const ringKey = ring.keys.get(id)
  if (ringKey === undefined)
    throw new BrokerError(
      'unavailable',
      `A value is sealed with the key "${id}", which is not in KONTOR_KEYS here. Another process may have it: try again.`,
      { retryAfterSeconds: 5 },
    )
  return ringKey
}

function openWhole(
  ring: KeyRing,
  sealed: Buffer,
  place: Place,
): { readonly dataKey: Buffer; readonly plain: Buffer } {
  const ringKey = ringKeyOf(ring, sealed)
  const bound = placeBytes(place)
  const bodyAt = bodyAtOf(sealed)
  try {
    const dataKey = decrypt(ringKey, sealed.subarray(bodyAt, bodyAt + wrappedLength), bound)
    return {
      dataKey,
      plain: decrypt(createSecretKey(dataKey), sealed.subarray(bodyAt + wrappedLength), bound),
    }
  } catch (cause) {
    throw new Error(
      `A sealed value of ${place[0]}.${place[1]} does not open with the key "${keyIdOf(sealed)}".`,
      { cause },
    )
  }
}

/**
 * @throws BrokerError `unavailable` when the key is not in the ring; Error when the value was changed or belongs to another
 * place
 */
export function openBytes(ring: KeyRing, sealed: Buffer, place: Place): Buffer {
  return openWhole(ring, sealed, place).plain
}

/**
 * The same value under the ring's current key. Only its data key is wrapped anew: the ring's key has never touched anything
 * else, so what it sealed stays as it is. It is opened once, for what is damaged must not pass as good.
 * @throws as openBytes
 */
export function rewrap(ring: KeyRing, sealed: Buffer, place: Place): Buffer {
  const { dataKey } = openWhole(ring, sealed, place)
  return Buffer.concat([
    wrapped(ring, dataKey, place),
    sealed.subarray(bodyAtOf(sealed) + wrappedLength),
  ])
}
