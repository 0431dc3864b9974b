import { isDeepStrictEqual } from 'node:util'
import { settingsPolicyOf } from '../backends/registry.ts'
import { BrokerError } from '../errors.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { UpdateProvider } from '../types.gen.ts'
import type { Provider } from './provider.ts'

/** The fields that the role provider may change. All others are an operator's policy. */
const ownFields: ReadonlySet<string> = new Set<keyof UpdateProvider>([
  'displayName',
  'settings',
  'credentials',
  'refreshSeconds',
  'reconcileSeconds',
])

/**
 * The change as the caller may make it. The role provider sends no field of an operator. Of the
 * settings it changes none that is a limit: sent unchanged it is no change, and left out it keeps
 * its value.
 * @param provider  locked, so that no operator changes it meanwhile
 * @throws BrokerError `forbidden` that names a field which only an operator may change
 */
export function withinOwnFields(
  scope: AccessScope,
  change: UpdateProvider,
  provider: Provider,
): UpdateProvider {
  if (scope === 'all') return change
  const field = Object.keys(change).find((name) => !ownFields.has(name))
  if (field !== undefined)
    throw new BrokerError(
      'forbidden',
      `${field} is changed by an operator only. You may change ${[...ownFields].join(', ')}.`,
    )
  return change.settings === undefined
    ? change
    : { ...change, settings: withinOwnSettings({ ...change.settings }, provider) }
}

// Of any kind of back end, which checks them before they are written.
type Settings = NonNullable<UpdateProvider['settings']> & Readonly<Record<string, unknown>>

function withinOwnSettings(
  given: Readonly<Record<string, unknown>>,
  { backend, settings: present }: Provider,
): Settings {
  const { ownSettings, defaultSettings } = settingsPolicyOf(backend)
  const name = Object.keys(given).find(
    (each) =>
      !ownSettings.has(each) &&
      !isDeepStrictEqual(given[each], present[each] ?? defaultSettings[each]),
  )
  if (name !== undefined)
    throw new BrokerError(
      'forbidden',
      `settings.${name} is changed by an operator only. You may change ` +
        `${[...ownSettings].map((each) => `settings.${each}`).join(', ')}.`,
    )
  const own = Object.entries(given).filter(([each]) => ownSettings.has(each))
  const operators = Object.entries(present).filter(([each]) => !ownSettings.has(each))
  return Object.fromEntries([...own, ...operators]) as Settings
}
