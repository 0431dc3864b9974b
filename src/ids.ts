import { createHash, randomUUID } from 'node:crypto'

/** A random UUID, for ids that leave Kontor and must reveal nothing. */
export { randomUUID as newOpaqueId } from 'node:crypto'

/**
 * A UUID of version 7: begins with the time, so that new rows are close together in indexes. The
 * rest is that of a random UUID, for which Node keeps randomness in store.
 */
export function newId(now: Date): string {
  const time = now.getTime().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

// Must never change: all published ids are derived from it.
const namespace = Buffer.from('6f1d3c5ea4b25d17b0c89e2f4a7d6351', 'hex')

/**
 * The published id of an offering (two parts) or a plan (three): a UUID of version 5 over the
 * provider's name and the upstream ids. Equal parts give the same id on every process and after
 * every restart.
 */
export function derivedId(...parts: readonly string[]): string {
  const hash = createHash('sha1').update(namespace).update(JSON.stringify(parts)).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex', 0, 16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

/** Postgres rejects any other text in a comparison with a uuid column. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}
