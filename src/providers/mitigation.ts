import { BrokerError } from '../errors.ts'

/**
 * When Kontor removes what an order that failed or got no answer may have left at a provider: at once, after a hold in
 * which a person may look, or never by itself. It never does after an update, whatever the policy.
 */
export type Mitigation =
  | { readonly policy: 'automatic' }
  | { readonly policy: 'hold'; readonly holdMs: number }
  | { readonly policy: 'manual' }

/** As a provider's row and the management API have it; `holdHours` is null but for a hold. */
export interface MitigationValues {
  readonly mitigation: Mitigation['policy']
  readonly mitigationHoldHours: number | null
}

interface Given {
  readonly mitigation?: Mitigation['policy']
  readonly mitigationHoldHours?: number
}

/**
 * What was asked for, laid over what holds.
 * @throws BrokerError `invalid_request` for a hold without hours, or hours without a hold
 */
export function checkedMitigation(given: Given, present: MitigationValues): MitigationValues {
  const mitigation = given.mitigation ?? present.mitigation
  if (mitigation !== 'hold') {
    if (given.mitigationHoldHours !== undefined)
      throw new BrokerError(
        'invalid_request',
        'mitigationHoldHours goes only with mitigation "hold".',
      )
    return { mitigation, mitigationHoldHours: null }
  }
  const mitigationHoldHours = given.mitigationHoldHours ?? present.mitigationHoldHours
  if (mitigationHoldHours === null)
    throw new BrokerError(
      'invalid_request',
      'mitigationHoldHours is missing: mitigation "hold" needs it.',
    )
  return { mitigation, mitigationHoldHours }
}

export function mitigationOf({ mitigation, mitigationHoldHours }: MitigationValues): Mitigation {
  // The database holds hours with every hold.
  return mitigation === 'hold'
    ? { policy: 'hold', holdMs: (mitigationHoldHours ?? 0) * 3_600_000 }
    : { policy: mitigation }
}
