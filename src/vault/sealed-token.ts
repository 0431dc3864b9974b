// Small values that a browser keeps for us for some minutes: only a Kontor of this database reads
// or makes them. Not for the database: no rotation seals them again, so they end with their key.
import { decrypt, encrypt } from './seal.ts'
import type { Vault } from './vault.ts'

/**
 * @param purpose  a token for one does not open for another
 * @param value  anything that JSON can represent
 * @throws BrokerError `unavailable` while another process may have a newer key
 */
export function sealToken(vault: Pick<Vault, 'keyFor'>, purpose: string, value: unknown): string {
  const plain = Buffer.from(JSON.stringify(value))
  return encrypt(vault.keyFor(purpose), plain, Buffer.from(purpose)).toString('base64url')
}

/** @returns undefined for a text that was not sealed for this purpose with a key in force */
export function openToken(vault: Pick<Vault, 'keysFor'>, purpose: string, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url')
  for (const { key, retiredAt } of vault.keysFor(purpose)) {
    if (retiredAt !== undefined) continue
    try {
      return JSON.parse(decrypt(key, bytes, Buffer.from(purpose)).toString()) as unknown
    } catch {
      // Another of the keys may open it.
    }
  }
  return undefined
}
