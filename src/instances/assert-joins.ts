import { BrokerError } from '../errors.ts'
import type { Operation } from '../operations/operation.ts'
import type { OrderSource } from './order.ts'

/**
 * Whether an equal order, sent again, may be answered by the operation that already makes the
 * instance or binding.
 * @param whyNotNow  a sentence for a request that cannot wait
 * @throws BrokerError `concurrency` or `async_required` if not
 */
export function assertJoins(
  { acceptsIncomplete }: Pick<OrderSource, 'acceptsIncomplete'>,
  running: Operation,
  whyNotNow: string,
): void {
  const isRemoving = running.state === 'compensating' || running.state === 'parked'
  // After a 202 the platform reads the failure from that operation; after an error it may order
  // anew when this one has ended.
  if (isRemoving && !running.acceptsIncomplete)
    throw new BrokerError(
      'concurrency',
      'The order failed, and what it left at the provider is being removed.',
    )
  if (!acceptsIncomplete) throw new BrokerError('async_required', whyNotNow)
}
