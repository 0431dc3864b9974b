import type { Caller } from '../tenancy/caller.ts'
import { record } from '../audit/record.ts'
import { audienceChange, checkBackendSettings } from '../backends/registry.ts'
import { announce } from '../db/channels.ts'
import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { UpdateProvider } from '../types.gen.ts'
import type { VersionedValue } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'
import { isMoved, sealCredentials } from './credentials.ts'
import { checkDisplayName, lockDisplayNames } from './display-names.ts'
import { checkLimits } from './limits.ts'
import { checkedMitigation } from './mitigation.ts'
import { changedOrigins, restoredOrigins } from './origins.ts'
import { withinOwnFields } from './own-fields.ts'
import type { Origins, Provider } from './provider.ts'
import { readCredentials, type ReadCredentials } from './registration.ts'
import { lockWithCredentials, updateProvider } from './store.ts'
import { describeChange } from './describe-change.ts'

/**
 * Changes a provider's row in the transaction `tx`, and keeps it locked until that ends.
 * @throws BrokerError `not_found`; `forbidden` as own-fields.ts says; `invalid_request` for
 * settings that the back end does not accept, a retention without hours, a wrong network, a new
 * address or new authorities without the credentials, or less than settings and credentials while
 * the stored ones do not open; `conflict` for another's display name
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
  const { provider, sealed = null } = (await lockWithCredentials(tx, id)) ?? {}
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  const change = withinOwnFields(caller.scope, given, provider)
  checkLimits(change)
  if (change.displayName !== undefined && change.displayName !== provider.displayName)
    await checkDisplayName(tx, id, change.displayName)
  const former = readCredentials(vault, provider, sealed)
  const next = nextRegistration(provider, former, change, now)
  const origins = originsAfter(provider, former, next, change, caller.scope === 'all', now)
  await updateProvider(
    tx,
    id,
    {
      ...change,
      settings: change.settings && { ...change.settings },
      credentials: sealedAfter(vault, provider, { ...next, ...origins }, change),
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
  await announce(tx, 'providers', provider.id)
}

interface NextRegistration {
  readonly settings: Provider['settings']
  readonly credentials: unknown
}

/** @throws BrokerError `invalid_request` for a registration that the back end does not accept */
function nextRegistration(
  provider: Provider,
  former: ReadCredentials,
  change: UpdateProvider,
  now: Date,
): NextRegistration {
  const isWhole = change.settings !== undefined && change.credentials !== undefined
  // The caller says where the credentials go: the row may name an address of someone else's.
  if (former.problem !== undefined && !isWhole)
    throw new BrokerError(
      'invalid_request',
      `${former.problem} Check the registration, and send settings and credentials together.`,
    )
  const settings = { ...(change.settings ?? provider.settings) }
  const credentials = change.credentials ?? former.credentials
  const newAt = change.credentials === undefined ? undefined : now
  const validationError =
    checkBackendSettings(provider.backend, settings, credentials, newAt) ??
    (change.credentials === undefined ? validateRetention(provider, settings) : undefined)
  if (validationError !== undefined) throw new BrokerError('invalid_request', `${validationError}.`)
  return { settings, credentials }
}

function originsAfter(
  provider: Provider,
  former: ReadCredentials,
  next: NextRegistration,
  change: UpdateProvider,
  isOperator: boolean,
  now: Date,
): Origins {
  if (former.problem !== undefined) return restoredOrigins(provider, next, isOperator, now)
  const before = { settings: provider.settings, credentials: former.credentials }
  const given = {
    settings: isOperator && change.settings !== undefined,
    credentials: isOperator && change.credentials !== undefined,
  }
  return changedOrigins(provider, [before, next], given, now)
}

/** @returns undefined when the sealed ones are for the same destination */
function sealedAfter(
  vault: Vault,
  provider: Provider,
  { settings, credentials, tokenOrigin }: NextRegistration & Origins,
  change: UpdateProvider,
): VersionedValue | undefined {
  const holder = { ...provider, settings, tokenOrigin }
  return change.credentials === undefined && !isMoved(provider, holder)
    ? undefined
    : sealCredentials(vault, holder, provider.credentialsVersion + 1, credentials)
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
