import { BrokerError } from '../errors.ts'
import {
  findWithOperations,
  type InstanceWithOperations,
} from '../instances/instance-with-operations.ts'
import type { OrdersDeps } from './deps.ts'
import type { Order } from './order.ts'

export interface OrderedInstance extends InstanceWithOperations {
  readonly platformId: string
}

/**
 * The instance of an order. The platform is the console of its organisation, whatever a changed row
 * of the order says, so no order leads to an instance of another one.
 * @throws BrokerError `conflict` when there is none, yet or any more
 */
export async function instanceOf(
  deps: Pick<OrdersDeps, 'db' | 'directory'>,
  order: Order,
): Promise<OrderedInstance> {
  const found = await findInstanceOf(deps, order)
  if (found === undefined)
    throw new BrokerError('conflict', 'The order has no instance, yet or any more.')
  return found
}

/** The same; undefined when there is none. */
export async function findInstanceOf(
  deps: Pick<OrdersDeps, 'db' | 'directory'>,
  order: Order,
): Promise<OrderedInstance | undefined> {
  const platformId = deps.directory.consoleOf(order.organisationId)?.id
  const found =
    platformId === undefined || order.state !== 'submitted'
      ? undefined
      : await findWithOperations(deps.db, platformId, order.instanceId)
  return platformId === undefined || found === undefined || found.instance.state === 'gone'
    ? undefined
    : { ...found, platformId }
}
