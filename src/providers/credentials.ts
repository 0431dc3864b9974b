import type { Place } from '../vault/seal.ts'

/** Where a provider's credentials are sealed; its name, which never changes, binds them to it. */
export function credentialsPlace(providerName: string): Place {
  return ['providers', 'credentials', providerName, '']
}
