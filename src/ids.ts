import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** A UUID of version 7: begins with the time, so that new rows are close together in indexes. */
export function newId(now: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  return formatUuid(bytes, 0x70)
}

/** A random UUID, for ids that leave Kontor and must reveal nothing. */
export function newOpaqueId(): string {
  return randomUUID()
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
  return formatUuid(hash.subarray(0, 16), 0x50)
}

/** Postgres rejects any other text in a comparison with a uuid column. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

function formatUuid(bytes: Buffer, versionBits: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | versionBits, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
