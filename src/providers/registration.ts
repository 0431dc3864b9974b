// A provider's row with its opened credentials, or with the reason why they do not open.
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { vaultOf, type Vault } from '../vault/vault.ts'
import { openCredentials } from './credentials.ts'
import type { Provider } from './provider.ts'
import { findWithCredentials } from './store.ts'

/** `problem`: why nothing is sent to the provider, a sentence for its operators. */
export type ReadCredentials =
  | { readonly credentials: unknown; readonly problem?: undefined }
  | { readonly credentials?: undefined; readonly problem: string }

export type Registration = { readonly provider: Provider } & ReadCredentials

const unopened =
  'The stored credentials do not open for this registration: something other than Kontor changed ' +
  'settings.url, settings.tlsCa, the token endpoint or the credentials, or set the row back.'

/**
 * Opens the credentials of a provider that is not removed.
 * @throws BrokerError `unavailable` when this process lacks their key
 */
export function readCredentials(
  vault: Vault,
  provider: Provider,
  sealed: Buffer | null,
): ReadCredentials {
  if (sealed === null) return { problem: unopened }
  try {
    return { credentials: openCredentials(vault, provider, sealed) }
  } catch (error) {
    if (error instanceof BrokerError) throw error
    return { problem: unopened }
  }
}

/**
 * @throws BrokerError `not_found`, for a removed provider too; `unavailable` when this process
 *   lacks the key of the credentials
 */
export async function readRegistration(db: Db, vault: Vault, id: string): Promise<Registration> {
  const { provider, sealed = null } = (await findWithCredentials(db, id)) ?? {}
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  return { provider, ...readCredentials(vault, provider, sealed) }
}

/** For people; undefined: there is none, or this process cannot know. */
export async function findCredentialsProblem(db: Db, id: string): Promise<string | undefined> {
  try {
    return (await readRegistration(db, vaultOf(db), id)).problem
  } catch (error) {
    if (error instanceof BrokerError) return undefined
    throw error
  }
}
