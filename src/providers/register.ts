import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { checkBackendSettings, originOf } from '../backends/registry.ts'
import type { Tx } from '../db/database.ts'
import { announce } from '../db/channels.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import { defaultsOf } from '../schemas.ts'
import type { CreateProvider } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { sealCredentials } from './credentials.ts'
import { checkDisplayName, lockDisplayNames } from './display-names.ts'
import { checkLimits } from './limits.ts'
import { checkedMitigation } from './mitigation.ts'
import { firstOrigins } from './origins.ts'
import type { DefaultFields, Provider } from './provider.ts'
import { findCredentialsVersion, insertProvider } from './store.ts'

// The cast: test/http/providers.test.ts proves that the schema has a default for each of them.
const defaults = defaultsOf('create-provider') as unknown as DefaultFields

/**
 * Writes a provider's row in the transaction `tx`. Its catalog is not read yet.
 * @throws BrokerError `invalid_request` for settings that the back end does not accept or a
 * retention without hours, `conflict` for a name or display name that is taken
 */
export async function registerProviderIn(
  tx: Tx,
  vault: Vault,
  caller: Caller,
  registration: CreateProvider,
  now: Date,
): Promise<Provider> {
  const { name, backend, settings, credentials } = registration
  const validationError = checkBackendSettings(backend, settings, credentials, now)
  if (validationError !== undefined) throw new BrokerError('invalid_request', `${validationError}.`)
  checkLimits(registration)
  const mitigation = checkedMitigation(registration, {
    mitigation: 'automatic',
    mitigationRetainHours: null,
  })
  const id = newId(now)
  const origins = firstOrigins(backend, settings, credentials)
  const holder = { name, backend, settings: { ...settings }, tokenOrigin: origins.tokenOrigin }
  await lockDisplayNames(tx)
  // A provider that is registered again has the row of before.
  const version = ((await findCredentialsVersion(tx, name)) ?? -1) + 1
  const provider = await insertProvider(
    tx,
    id,
    {
      ...defaults,
      displayName: name,
      ...registration,
      ...origins,
      settings: holder.settings,
      credentials: sealCredentials(vault, holder, version, credentials),
      ...mitigation,
    },
    now,
  )
  if (provider === undefined)
    throw new BrokerError('conflict', `A provider named "${name}" is registered already.`)
  await checkDisplayName(tx, provider.id, provider.displayName)
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'provider.registered',
    objectKind: 'provider',
    objectId: provider.id,
    outcome: 'succeeded',
    providerId: provider.id,
    details: { name, origin: originOf(backend, settings) },
  })
  await announce(tx, 'providers', provider.id)
  return provider
}
