// The sealed credentials of a provider, and where they may be sent. Every process that sends them
// opens them here: they open only for the address, the TLS authorities and the token endpoint for
// which they were given, so that a change of those in the database sends them nowhere.
import { audienceOf } from '../backends/registry.ts'
import type { Aad, VersionedValue } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'
import type { Provider } from './provider.ts'

/** For whom credentials are sealed. */
export type Holder = Pick<Provider, 'name' | 'backend' | 'settings' | 'tokenOrigin'>

/**
 * Where credentials may be sent. The token endpoint and the client certificate are part of the
 * credentials; the origin of the first also stands in the row, where approvals read it.
 * @param columns  `backend`, `settings` and `token_origin` of the row
 */
export function credentialsDestination([
  backend,
  settings,
  tokenOrigin,
]: readonly unknown[]): string {
  const { origin, authorities = null } = audienceOf(String(backend), settings)
  return JSON.stringify([backend, origin, authorities, tokenOrigin])
}

function destinationOf({ backend, settings, tokenOrigin }: Holder): string {
  return credentialsDestination([backend, settings, tokenOrigin])
}

/**
 * Binds the credentials to the provider's name, which never changes, to their version and to their
 * destination.
 */
function credentialsAad(holder: Holder, version: number): Aad {
  return ['providers', 'credentials', holder.name, '', version, destinationOf(holder)]
}

export function sealCredentials(
  vault: Vault,
  holder: Holder,
  version: number,
  credentials: unknown,
): VersionedValue {
  return { sealed: vault.seal(credentials, credentialsAad(holder, version)), version }
}

/** @throws as `Vault.open` */
export function openCredentials(
  vault: Vault,
  provider: Holder & Pick<Provider, 'credentialsVersion'>,
  sealed: Buffer,
): unknown {
  return vault.open(sealed, credentialsAad(provider, provider.credentialsVersion))
}

/** Whether credentials must be sealed anew, because they are for another destination. */
export function isMoved(before: Holder, after: Holder): boolean {
  return destinationOf(before) !== destinationOf(after)
}
