import { BrokerError } from '../errors.ts'

/**
 * When Kontor removes what an order that failed or got no answer may have left at a provider: at once, after a hold in
 * which a person may look, or never by itself. It never does after an update, whatever the policy.
 */
export type Mitigation =
  | { readonly policy: 'automatic' }
  | { readonly policy: 'retain'; readonly retainMs: number }
  | { readonly policy: 'manual' }

/** As a provider's row and the management API have it; `holdHours` is null but for a hold. */
export interface MitigationValues {
  readonly mitigation: Mitigation['policy']
  readonly mitigationRetainHours: number | null
}

interface Given {
  readonly mitigation?: Mitigation['policy']
  readonly mitigationRetainHours?: number
}

/**
 * What was asked for, laid over what holds.
 * @throws BrokerError `invalid_request` for a hold without hours, or hours without a hold
 */
export function checkedMitigation(given: Given, present: MitigationValues): MitigationValues {
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
  // The database holds hours with every hold.
  return mitigation === 'retain'
    ? { policy: 'retain', retainMs: (mitigationRetainHours ?? 0) * 3_600_000 }
    : { policy: mitigation }
}
