import { BrokerError } from '../../errors.ts'

/** @throws BrokerError `unavailable` while the rules are not known */
export function requireKnown<Known extends { readonly isKnown: boolean }>(present: Known): Known {
  if (!present.isKnown) throw rulesUnknown()
  return present
}

export function rulesUnknown(): BrokerError {
  return new BrokerError(
    'unavailable',
    'Visibility rules were changed past Kontor. An operator must look at them first.',
    { retryAfterSeconds: 30 },
  )
}
