import { BrokerError } from '../errors.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { UpdateProvider } from '../types.gen.ts'

/** What a provider knows best about itself. All else is the operator's policy for it. */
const own: ReadonlySet<string> = new Set<keyof UpdateProvider>([
  'displayName',
  'settings',
  'credentials',
  'refreshSeconds',
  'reconcileSeconds',
])

/** @throws BrokerError `forbidden` that names the field, for one that only an operator changes */
export function checkOwnFields(scope: AccessScope, change: UpdateProvider): void {
  const field = scope === 'all' ? undefined : Object.keys(change).find((name) => !own.has(name))
  if (field !== undefined)
    throw new BrokerError(
      'forbidden',
      `${field} is changed by an operator only. You may change ${[...own].join(', ')}.`,
    )
}
