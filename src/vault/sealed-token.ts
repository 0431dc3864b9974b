// Small values that a browser keeps for us for some minutes: only a Kontor of this database reads
// or makes them. Not for the database: no rotation seals them again, so they end with their key.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Vault } from './vault.ts'

const ivLength = 12
const tagLength = 16
const algorithm = 'aes-256-gcm'

/**
 * @param purpose  a token for one does not open for another
 * @param value  anything that JSON can represent
 * @throws BrokerError `unavailable` while another process may have a newer key
 */
export function sealToken(vault: Pick<Vault, 'keyFor'>, purpose: string, value: unknown): string {
  const iv = randomBytes(ivLength)
  const key = vault.keyFor(purpose)
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagLength })
  const sealed = [iv, cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(sealed).toString('base64url')
}

/** @returns undefined for a text that was not sealed for this purpose with a key in force */
export function openToken(vault: Pick<Vault, 'keysFor'>, purpose: string, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < ivLength + tagLength) return undefined
  for (const { key, retiredAt } of vault.keysFor(purpose)) {
    if (retiredAt !== undefined) continue
    try {
      const iv = bytes.subarray(0, ivLength)
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagLength })
      decipher.setAuthTag(bytes.subarray(-tagLength))
      const plain = decipher.update(bytes.subarray(ivLength, -tagLength))
      return JSON.parse(Buffer.concat([plain, decipher.final()]).toString()) as unknown
    } catch {
      // Another of the keys may open it.
    }
  }
  return undefined
}
