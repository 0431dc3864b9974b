// A provider's row with its opened credentials, or with the reason why they do not open.
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { inspectRows } from '../vault/sealed-rows/inspect-rows.ts'
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

const altered =
  'Something other than Kontor changed the name, the approved origins or the allowed networks ' +
  'and ports. An operator must look at them and then run "kontor key reseal providers".'

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
  const { found, isRight } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({
      found: await findWithCredentials(tx, id),
      isRight: (await inspectRows(tx, 'providers', [id])).right.has(id),
    }))
  const { provider, sealed = null } = found ?? {}
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  if (!isRight) return { provider, problem: altered }
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
