import type { Aad } from '../vault/seal.ts'

/**
 * Binds the sealed credentials to the provider's name, which never changes: they cannot be moved to
 * another provider's row.
 */
export function credentialsAad(providerName: string): Aad {
  return ['providers', 'credentials', providerName, '']
}
