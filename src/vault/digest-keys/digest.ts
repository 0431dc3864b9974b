// A keyed digest of a JSON value (HMAC-SHA-256), and with which digest key it was made:
//
//   0x05 | length of key id | key id | 32 bytes
//
// The first key's digests are the 32 bytes alone, as releases up to 0.2 write them.
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { firstDigestKey, type DigestKey } from './digest-key.ts'
import { derivedKey } from '../mac.ts'
import type { DigestKeys } from './read-digest-keys.ts'

const version = 5
const digestLength = 32

export function hmacOf(key: KeyObject, value: unknown): Buffer {
  return createHmac('sha256', key).update(canonicalJson(value)).digest()
}

/** The first bytes of every digest with this key, which is not the first. */
export function digestPrefixOf(id: number): Buffer {
  const text = Buffer.from(String(id))
  return Buffer.concat([Buffer.of(version, text.length), text])
}

/** @param purpose  for digests that are good for nothing else */
export function makeDigest({ id, key }: DigestKey, value: unknown, purpose?: string): Buffer {
  const body = hmacOf(purpose === undefined ? key : derivedKey(key, purpose), value)
  return id === firstDigestKey ? body : Buffer.concat([digestPrefixOf(id), body])
}

/** The id of the key that a digest was made with; undefined for bytes that are none. */
export function digestKeyIdOf(digest: Buffer): number | undefined {
  if (digest.length === digestLength) return firstDigestKey
  const bodyAt = 2 + (digest[1] ?? 0)
  if (digest[0] !== version || digest.length !== bodyAt + digestLength) return undefined
  return Number(digest.subarray(2, bodyAt).toString())
}

export interface DigestUse {
  /** For a digest whose row has a MAC of the ring: a key that leaked could have made others. */
  readonly acceptsRetired?: boolean
  /** That it was made for. */
  readonly purpose?: string
}

/** Whether it is the digest of the value, with a key that is in force. */
export function isDigestOf(
  { all }: DigestKeys,
  digest: Buffer,
  value: unknown,
  { acceptsRetired = false, purpose }: DigestUse = {},
): boolean {
  const key = all.get(digestKeyIdOf(digest) ?? 0)
  if (key === undefined || (key.retiredAt !== undefined && !acceptsRetired)) return false
  const own = purpose === undefined ? key.key : derivedKey(key.key, purpose)
  return timingSafeEqual(digest.subarray(-digestLength), hmacOf(own, value))
}
