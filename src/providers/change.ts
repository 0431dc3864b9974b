import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { audienceChange, checkBackendSettings } from '../backends/registry.ts'
import { announce } from '../db/channels.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { UpdateProvider } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { credentialsAad } from './credentials.ts'
import { checkDisplayName, lockDisplayNames } from './display-names.ts'
import { checkLimits } from './limits.ts'
import { checkedMitigation } from './mitigation.ts'
import { changedOrigins } from './origins.ts'
import { withinOwnFields } from './own-fields.ts'
import type { Provider } from './provider.ts'
import { findCredentials, lockProvider, updateProvider } from './store.ts'
import { describeChange } from './describe-change.ts'

/**
 * Changes a provider's row in the transaction `tx`, and keeps it locked until that ends.
 * @throws BrokerError `not_found`; `forbidden` as own-fields.ts says; `invalid_request` for
 * settings that the back end does not accept, a retention without hours, a wrong network, or a new
 * address or new authorities without the credentials; `conflict` for another's display name
 */
export async function changeProviderIn(
  tx: Tx,
  vault: Vault,
  caller: Caller,
  id: string,
  given: UpdateProvider,
  now: Date,
): Promise<void> {
  if (given.displayName !== undefined) await lockDisplayNames(tx)
  const provider = await lockProvider(tx, id)
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  const change = withinOwnFields(caller.scope, given, provider)
  checkLimits(change)
  if (change.displayName !== undefined && change.displayName !== provider.displayName)
    await checkDisplayName(tx, id, change.displayName)
  const aad = credentialsAad(provider.name)
  const sealed = await findCredentials(tx, id)
  const credentials = change.credentials ?? (sealed === null ? undefined : vault.open(sealed, aad))
  const settings = change.settings ?? provider.settings
  const validationError =
    checkBackendSettings(
      provider.backend,
      settings,
      credentials,
      change.credentials === undefined ? undefined : now,
    ) ?? (change.credentials === undefined ? validateRetention(provider, settings) : undefined)
  if (validationError !== undefined) throw new BrokerError('invalid_request', `${validationError}.`)
  const isOperator = caller.scope === 'all'
  const origins = changedOrigins(
    provider,
    [
      { settings: provider.settings, credentials: sealed === null ? {} : vault.open(sealed, aad) },
      { settings, credentials },
    ],
    {
      settings: isOperator && change.settings !== undefined,
      credentials: isOperator && change.credentials !== undefined,
    },
    now,
  )
  await updateProvider(
    tx,
    id,
    {
      ...change,
      settings: change.settings && { ...change.settings },
      credentials: change.credentials && vault.seal(change.credentials, aad),
      ...checkedMitigation(change, provider),
      deletingBindingCredentialsSince: deletingSince(change, provider, now),
      ...origins,
    },
    now,
  )
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'provider.changed',
    objectKind: 'provider',
    objectId: id,
    outcome: 'succeeded',
    providerId: id,
    details: describeChange(change, provider, origins),
  })
  await announce(tx, 'providers')
}

// Turning storage off begins a deletion or goes on with one; turning it on ends it.
function deletingSince(
  { storeBindingCredentials }: UpdateProvider,
  { deletingBindingCredentialsSince }: Provider,
  now: Date,
): Date | null | undefined {
  if (storeBindingCredentials === undefined) return undefined
  return storeBindingCredentials ? null : (deletingBindingCredentialsSince ?? now)
}

// Stored credentials go only to the address they were given for: a caller who cannot read them must
// not be able to have them sent to an address of its own.
function validateRetention(
  { backend, settings: before }: Provider,
  after: unknown,
): string | undefined {
  const field = audienceChange(backend, before, after)
  if (field === undefined) return undefined
  const what = field === 'settings.url' ? 'origin in settings.url' : field
  return `credentials is missing: with another ${what} they must be given again`
}
