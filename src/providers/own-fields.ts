import { BrokerError } from '../errors.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { UpdateProvider } from '../types.gen.ts'

/** The fields that the role provider may change. All others are an operator's policy. */
const ownFields: ReadonlySet<string> = new Set<keyof UpdateProvider>([
  'displayName',
  'settings',
  'credentials',
  'refreshSeconds',
  'reconcileSeconds',
])

/** @throws BrokerError `forbidden` that names a field which only an operator may change */
export function checkOwnFields(scope: AccessScope, change: UpdateProvider): void {
  const field =
    scope === 'all' ? undefined : Object.keys(change).find((name) => !ownFields.has(name))
  if (field !== undefined)
    throw new BrokerError(
      'forbidden',
      `${field} is changed by an operator only. You may change ${[...ownFields].join(', ')}.`,
    )
}
