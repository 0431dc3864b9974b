import type { OrderSource } from '../instances/order.ts'
import type { ProvisionOrder } from '../instances/provision.ts'
import type { ProvisionRequest } from '../types.gen.ts'
import type { OrdersDeps } from './deps.ts'
import { openParameters, type Order } from './order.ts'

/**
 * What every order of a person carries.
 * @param personId  who asks for it
 * @param untilMs   when its claim ends, on the clock of `performance.now()`: nothing is begun after
 */
export function sourceFor(
  order: Pick<Order, 'id'>,
  platformId: string,
  personId: string,
  untilMs = Infinity,
): OrderSource {
  return {
    platformId,
    acceptsIncomplete: true,
    originatingIdentity: identityOf(personId),
    requestIdentity: order.id,
    isDryRun: false,
    receivedAtMs: performance.now(),
    // The order is kept, so it goes on though the person closes the browser.
    isKept: true,
    isAbandoned: () => performance.now() > untilMs,
  }
}

/**
 * As the OSB profile writes it: the platform, and base64 of JSON. The id of the person is Kontor's:
 * names and mail addresses are no concern of the provider.
 */
function identityOf(personId: string): string {
  return `kontor ${Buffer.from(JSON.stringify({ user_id: personId })).toString('base64')}`
}

/** What the provider reads of where the order comes from. */
export function contextOf(
  { directory }: Pick<OrdersDeps, 'directory'>,
  { organisationId, instanceName }: Order,
): NonNullable<ProvisionRequest['context']> {
  return {
    platform: 'kontor',
    organization_guid: organisationId,
    organization_name: directory.organisation(organisationId)?.name ?? '',
    space_guid: organisationId,
    ...(instanceName === null ? {} : { instance_name: instanceName }),
  }
}

/** The order as the verb of the Open Service Broker API takes it. */
export function provisionOrder(
  { catalog, directory, vault }: Pick<OrdersDeps, 'catalog' | 'directory' | 'vault'>,
  order: Order,
  platformId: string,
  isDryRun: boolean,
  untilMs?: number,
): ProvisionOrder {
  const { organisationId } = order
  const parameters = openParameters(vault, order)
  const version = catalog.current().plans.get(order.planId)?.maintenanceVersion
  const source = sourceFor(order, platformId, order.submittedBy ?? order.personId, untilMs)
  return {
    ...source,
    isDryRun,
    instanceId: order.instanceId,
    body: {
      service_id: order.offeringId,
      plan_id: order.planId,
      organization_guid: organisationId,
      // Kontor has no spaces.
      space_guid: organisationId,
      context: contextOf({ directory }, order),
      ...(parameters === undefined ? {} : { parameters }),
      // So that it is known later whether an upgrade is due.
      ...(version === undefined ? {} : { maintenance_info: { version } }),
    },
  }
}
