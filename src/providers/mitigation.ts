import { BrokerError } from '../errors.ts'

/**
 * When Kontor removes what an order that failed or got no answer may have left at a provider: at
 * once, after a time in which an operator may investigate, or only on an operator's request. Kontor
 * never removes anything after an update, whatever the policy.
 */
export type Mitigation =
  | { readonly policy: 'automatic' }
  | { readonly policy: 'retain'; readonly retainMs: number }
  | { readonly policy: 'manual' }

/**
 * As in a provider's row and the management API; the hours are null unless the policy is `retain`.
 */
export interface MitigationValues {
  readonly mitigation: Mitigation['policy']
  readonly mitigationRetainHours: number | null
}

interface RequestedMitigation {
  readonly mitigation?: Mitigation['policy']
  readonly mitigationRetainHours?: number
}

/**
 * The requested values over the present ones.
 * @throws BrokerError `invalid_request` for `retain` without hours, or hours without `retain`
 */
export function checkedMitigation(
  given: RequestedMitigation,
  present: MitigationValues,
): MitigationValues {
  const mitigation = given.mitigation ?? present.mitigation
  if (mitigation !== 'retain') {
    if (given.mitigationRetainHours !== undefined)
      throw new BrokerError(
        'invalid_request',
        'mitigationRetainHours goes only with mitigation "retain".',
      )
    return { mitigation, mitigationRetainHours: null }
  }
  const mitigationRetainHours = given.mitigationRetainHours ?? present.mitigationRetainHours
  if (mitigationRetainHours === null)
    throw new BrokerError(
      'invalid_request',
      'mitigationRetainHours is missing: mitigation "retain" needs it.',
    )
  return { mitigation, mitigationRetainHours }
}

export function mitigationOf({ mitigation, mitigationRetainHours }: MitigationValues): Mitigation {
  // A constraint of the database requires hours with `retain`.
  return mitigation === 'retain'
    ? { policy: 'retain', retainMs: (mitigationRetainHours ?? 0) * 3_600_000 }
    : { policy: mitigation }
}
