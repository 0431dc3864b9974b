import { BrokerError } from '../errors.ts'
import { shownDashboard } from '../providers/dashboard-urls.ts'
import { openExtensions, type Extensions } from './extensions.ts'
import { openParameters, type Instance } from './instance.ts'
import { findWithOperations } from './instance-with-operations.ts'
import type { OrderDeps } from './order.ts'

export interface FetchedInstance {
  readonly instance: Instance
  readonly dashboardUrl: string | undefined
  readonly parameters: Readonly<Record<string, unknown>> | undefined
  readonly extensions: Extensions | undefined
}

/**
 * An instance from Kontor's row, so that platforms can fetch the instances of every provider.
 * @throws BrokerError `not_found` when it is unknown or not ready, `concurrency` while it is being
 * deleted
 */
export async function fetchInstance(
  deps: Pick<OrderDeps, 'db' | 'vault' | 'dashboards'>,
  platformId: string,
  instanceId: string,
): Promise<FetchedInstance> {
  const found = await findWithOperations(deps.db, platformId, instanceId)
  if (found?.instance.state !== 'ready')
    throw new BrokerError('not_found', 'There is no such instance, or it is not ready.')
  const { instance, running } = found
  if (running.some((operation) => operation.kind === 'deprovision'))
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  return {
    instance,
    dashboardUrl: shownDashboard(deps.dashboards, instance.dashboardUrl),
    parameters: openParameters(deps.vault, instance),
    extensions: openExtensions(deps.vault, instance),
  }
}
