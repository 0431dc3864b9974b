import { BrokerError } from '../../errors.ts'
import { within } from '../../within.ts'

/**
 * What is being written for a catalog.
 * @param maxMs  how long it is waited for
 * @throws BrokerError `unavailable` when it takes longer; what `value` fails with
 */
export async function waitForCatalog<Value>(maxMs: number, value: Promise<Value>): Promise<Value> {
  return within(maxMs, value, stillWriting)
}

function stillWriting(): BrokerError {
  return new BrokerError(
    'unavailable',
    'The catalog is still being written for platforms of this kind; try again in 10 seconds.',
    { retryAfterSeconds: 10 },
  )
}
