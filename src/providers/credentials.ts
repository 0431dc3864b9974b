import type { Aad } from '../vault/seal.ts'

/** Where a provider's credentials are sealed; its name, which never changes, binds them to it. */
export function credentialsAad(providerName: string): Aad {
  return ['providers', 'credentials', providerName, '']
}
