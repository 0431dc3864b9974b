// Message authentication codes with keys that are derived from the key ring:
//
//   0x02 | length of key id | key id | 32 bytes HMAC-SHA-256
//
// A MAC begins as a sealed value does, so that SQL can count what is under which key. Unlike a
// digest (vault.ts) it names its key, and a rotation of the ring replaces it.
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { KeyRing } from './key-ring.ts'

const version = 2
const macLength = 32

/** What a MAC is for. Each purpose has keys of its own. */
export type MacPurpose = 'row mac' | 'checkpoint'

/** Names what a MAC belongs to, such as `['row', 'platforms']`: it counts nowhere else. */
export type MacContext = readonly string[]

/** Makes and checks MACs. */
export interface Macs {
  /**
   * The MAC of a JSON value with a key of the ring: it says that a process with the ring wrote the
   * value. A rotation replaces MACs, and does so only in columns that mac-columns.ts lists.
   * @throws BrokerError `unavailable` as `Vault.seal` does
   */
  mac(value: unknown, context: MacContext, purpose?: MacPurpose): Buffer
  /** False too for a MAC with a key that is not in this process's ring. */
  verifyMac(mac: Buffer, value: unknown, context: MacContext, purpose?: MacPurpose): boolean
}

// No key of the ring serves two purposes: HKDF separates them from each other and from sealing.
const derived = new WeakMap<KeyObject, Map<string, KeyObject>>()

/** The key for one purpose, derived from a key of the ring or a digest key. */
export function derivedKey(from: KeyObject, purpose: string): KeyObject {
  const known = derived.get(from) ?? new Map<string, KeyObject>()
  derived.set(from, known)
  const key =
    known.get(purpose) ??
    createSecretKey(Buffer.from(hkdfSync('sha256', from, '', `kontor ${purpose}`, macLength)))
  known.set(purpose, key)
  return key
}

function hmac(ringKey: KeyObject, purpose: MacPurpose, value: unknown, context: MacContext) {
  return createHmac('sha256', derivedKey(ringKey, purpose))
    .update(canonicalJson([context, value]))
    .digest()
}

/** The MAC of a JSON value, with the ring's current key. */
export function makeMac(
  ring: KeyRing,
  value: unknown,
  context: MacContext,
  purpose: MacPurpose = 'row mac',
): Buffer {
  const ringKey = ring.keys.get(ring.current)
  if (ringKey === undefined) throw new Error(`The key ring has no key "${ring.current}".`)
  return Buffer.concat([macPrefixOf(ring.current), hmac(ringKey, purpose, value, context)])
}

/** The first bytes of every MAC with this key. */
export function macPrefixOf(keyId: string): Buffer {
  const id = Buffer.from(keyId)
  return Buffer.concat([Buffer.of(version, id.length), id])
}

/** Whether a key of the ring made this MAC of the value; false for bytes that are no MAC. */
export function isMacOf(
  ring: KeyRing,
  mac: Buffer,
  value: unknown,
  context: MacContext,
  purpose: MacPurpose = 'row mac',
): boolean {
  const id = macKeyId(mac)
  const ringKey = id === undefined ? undefined : ring.keys.get(id)
  return (
    ringKey !== undefined &&
    timingSafeEqual(mac.subarray(-macLength), hmac(ringKey, purpose, value, context))
  )
}

/** The id of the key that a MAC is made with; undefined for bytes that are no MAC. */
export function macKeyId(mac: Buffer): string | undefined {
  const idLength = mac[1] ?? 0
  return mac[0] === version && mac.length === 2 + idLength + macLength
    ? mac.subarray(2, 2 + idLength).toString()
    : undefined
}

/** The key under which SQL counts these bytes (count-by-key.ts), whether they are a MAC or not. */
export function countedKeyId(mac: Buffer): string {
  return mac.length > 2 ? mac.subarray(2, 2 + (mac[1] ?? 0)).toString() : ''
}

/** Makes MACs with the ring's current key, and checks those of all its keys. */
export function macsOf(ring: KeyRing): Macs {
  return {
    mac: (value, context, purpose) => makeMac(ring, value, context, purpose),
    verifyMac: (mac, value, context, purpose) => isMacOf(ring, mac, value, context, purpose),
  }
}
