// A provider's row with its opened credentials, or with the reason why they do not open.
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { checkRow } from '../vault/sealed-rows/check-row.ts'
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
  'Something other than Kontor changed the row of this provider: its name, kind, settings, ' +
  'state, revision, version of the credentials, approved origins or allowed networks and ports. ' +
  'An operator must look at it and then run "kontor key reseal providers".'

const notWhole =
  'Something other than Kontor removed a row of the table providers, or set one back, and it may ' +
  'be this one. An operator must look at the table and then run "kontor key reseal providers".'

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
 * @param trusted  the revision at which this process has read the row before, while no row of the
 *   table was missing or set back; undefined: it has not
 * @param failed  as for `checkRow`
 * @throws BrokerError `not_found`, for a removed provider too; `unavailable` when this process
 *   lacks the key of the credentials
 */
export async function readRegistration(
  db: Db,
  vault: Vault,
  id: string,
  trusted?: number,
  failed?: 'check_again' | 'as_known',
): Promise<Registration> {
  const { found, isRight, isWhole } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({
      ...(await checkRow(tx, 'providers', id, failed)),
      found: await findWithCredentials(tx, id),
    }))
  const { provider, sealed = null } = found ?? {}
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  if (!isRight) return { provider, problem: altered }
  // A right row has its revision under the MAC: the same revision is the same row.
  if (!isWhole && provider.revision !== trusted) return { provider, problem: notWhole }
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
