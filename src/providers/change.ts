import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { audienceChange, checkBackendSettings } from '../backends/registry.ts'
import { announce } from '../db/channels.ts'
import { BrokerError } from '../errors.ts'
import type { UpdateProvider } from '../types.gen.ts'
import { credentialsAad } from './credentials.ts'
import { checkedMitigation } from './mitigation.ts'
import type { Provider } from './provider.ts'
import type { ProviderDeps } from './register.ts'
import { findCredentials, lockProvider, updateProvider } from './store.ts'
import { describeChange } from './describe-change.ts'

/**
 * Changes a provider's settings, credentials, limits or policies; calls under way go on with the old ones.
 * @throws BrokerError `not_found`, or `invalid_request` for settings the back end does not take or a hold without hours,
 * and for an address or authorities of its own that are others while the credentials are to stay
 */
export async function changeProvider(
  deps: ProviderDeps,
  caller: Caller,
  id: string,
  change: UpdateProvider,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const provider = await lockProvider(tx, id)
    if (provider === undefined || provider.state === 'removed')
      throw new BrokerError('not_found', 'There is no such provider.')
    const place = credentialsAad(provider.name)
    const sealed = await findCredentials(tx, id)
    const credentials =
      change.credentials ?? (sealed === null ? undefined : deps.vault.open(sealed, place))
    const settings = change.settings ?? provider.settings
    const validationError =
      checkBackendSettings(
        provider.backend,
        settings,
        credentials,
        change.credentials === undefined ? undefined : now,
      ) ?? (change.credentials === undefined ? validateRetention(provider, settings) : undefined)
    if (validationError !== undefined)
      throw new BrokerError('invalid_request', `${validationError}.`)
    await updateProvider(
      tx,
      id,
      {
        ...(change.displayName === undefined ? {} : { displayName: change.displayName }),
        ...(change.settings === undefined ? {} : { settings: { ...change.settings } }),
        ...(change.credentials === undefined
          ? {}
          : { credentials: deps.vault.seal(change.credentials, place) }),
        ...(change.concurrency === undefined ? {} : { concurrency: change.concurrency }),
        ...(change.refreshSeconds === undefined ? {} : { refreshSeconds: change.refreshSeconds }),
        ...(change.reconcileSeconds === undefined
          ? {}
          : { reconcileSeconds: change.reconcileSeconds }),
        ...(change.storeBindingCredentials === undefined
          ? {}
          : { storeBindingCredentials: change.storeBindingCredentials }),
        ...checkedMitigation(change, provider),
      },
      now,
    )
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'change',
      objectKind: 'provider',
      objectId: id,
      outcome: 'succeeded',
      providerId: id,
      details: describeChange(change, provider),
    })
    await announce(tx, 'providers', id)
  })
}

// Kept credentials go only where they were to go when they were given: nobody who cannot read them may have them sent to himself.
function validateRetention(
  { backend, settings: before }: Provider,
  after: unknown,
): string | undefined {
  const field = audienceChange(backend, before, after)
  return field === undefined
    ? undefined
    : `credentials is missing: with another ${field === 'settings.url' ? 'origin in settings.url' : field} they must be given again`
}
