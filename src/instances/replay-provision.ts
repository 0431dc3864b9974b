import type { InstanceResult } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import { shownDashboard } from '../providers/dashboard-urls.ts'
import type { ProvisionRequest } from '../types.gen.ts'
import { assertJoins } from './assert-joins.ts'
import { openExtensions } from './extensions.ts'
import type { Instance } from './instance.ts'
import type { InstanceWithOperations } from './instance-with-operations.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'

/**
 * Answers a provision whose instance exists, from its row and its unfinished operation. The first
 * row that applies decides; the operation is that of the instance, not one of its bindings:
 *
 *     instance      operation                   request              answer
 *     ------------  --------------------------  -------------------  ----------------
 *     gone          any                         any                  `concurrency`
 *     any           deprovision                 any                  `concurrency`
 *     any           any                         other attributes     `conflict`
 *     any           synchronous provision that  equal                `concurrency`
 *                   Kontor removes, or parked
 *     any           any other provision         equal, synchronous   `async_required`
 *     any           any other provision         equal, asynchronous  `in_progress`
 *     ready         none, or an update          equal                `repeated`
 *     not ready     none                        equal                `conflict`
 *
 * An instance is gone here only if its operation ended between the two queries that read them.
 * @throws BrokerError `conflict`, `concurrency` or `async_required`
 */
export function replayProvision(
  deps: OrderDeps,
  order: OrderSource & { readonly body: ProvisionRequest },
  { instance, running: all }: InstanceWithOperations,
): OrderResult<InstanceResult> {
  const running = all.find((operation) => operation.bindingKey === null)
  if (instance.state === 'gone')
    throw new BrokerError(
      'concurrency',
      'Another order for this instance has just ended. Send this one again.',
    )
  if (running?.kind === 'deprovision')
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  if (!isSameOrder(deps, order.body, instance))
    throw new BrokerError(
      'conflict',
      'An instance with this id exists, ordered with other attributes.',
    )
  if (running?.kind === 'provision') {
    assertJoins(
      order,
      running,
      'The instance is being provisioned; only an asynchronous request can wait for it.',
    )
    return { kind: 'in_progress', operationId: running.id, result: knownResult(deps, instance) }
  }
  if (instance.state === 'ready') return { kind: 'repeated', result: knownResult(deps, instance) }
  throw new BrokerError(
    'conflict',
    'The instance with this id could not be provisioned. Deprovision it before you order it again.',
  )
}

/** What the provider has said of the instance so far. */
function knownResult(deps: OrderDeps, instance: Instance): InstanceResult {
  const extensions = openExtensions(deps.vault, instance)
  const dashboardUrl = shownDashboard(deps.dashboards, instance.dashboardUrl)
  return {
    ...(dashboardUrl === undefined ? {} : { dashboardUrl }),
    ...(instance.metadata === null ? {} : { metadata: instance.metadata }),
    ...(extensions === undefined ? {} : { extensions }),
  }
}

function isSameOrder(deps: OrderDeps, body: ProvisionRequest, instance: Instance): boolean {
  return (
    instance.offeringId === body.service_id &&
    instance.planId === body.plan_id &&
    instance.organizationGuid === body.organization_guid &&
    instance.spaceGuid === body.space_guid &&
    instance.parametersDigest !== null &&
    deps.vault.isDigestOf(instance.parametersDigest, body.parameters ?? {})
  )
}
