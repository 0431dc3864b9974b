import { setTimeout as delay } from 'node:timers/promises'
import { BrokerError } from '../../errors.ts'

/**
 * What is being written for a catalog.
 * @param maxMs  how long it is waited for
 * @throws BrokerError `unavailable` when it takes longer; what `value` fails with
 */
export async function within<Value>(maxMs: number, value: Promise<Value>): Promise<Value> {
  const waiting = new AbortController()
  const late = delay(maxMs, undefined, { signal: waiting.signal, ref: false }).then(() => {
    throw new BrokerError(
      'unavailable',
      'The catalog is still being written for platforms of this kind; try again in 10 seconds.',
      { retryAfterSeconds: 10 },
    )
  })
  try {
    return await Promise.race([value, late])
  } finally {
    waiting.abort()
  }
}
