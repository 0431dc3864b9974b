// The row of a new instance, written with the operation that provisions it.
import { sql } from 'kysely'
import { fallsUnder } from '../../access/quotas/reserve-quota.ts'
import type { Tx } from '../../db/database.ts'
import type { Instance } from '../instance.ts'

/**
 * The statement locks the provider's row while it reads it, so that a removal of the provider waits
 * for the order, or the order sees it. Platform and organisation are only read: retiring one of
 * them keeps orders out meanwhile (`excludeOrders`).
 * @returns the ids of the quotas that the instance falls under; undefined when the platform has a
 * live instance of that id, or provider, platform or organisation take no more orders
 */
export async function insertInstance(
  tx: Tx,
  instance: Instance,
  now: Date,
): Promise<readonly string[] | undefined> {
  const context = instance.context === null ? null : JSON.stringify(instance.context)
  const { rows } = await sql<{ readonly quotas: readonly string[] }>`insert into instances (
      id, platform_id, instance_id, provider_id, organisation_id, offering_id, plan_id,
      upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid,
      context, parameters, parameters_digest, maintenance_version, state, created_at, updated_at,
      identity_mac)
    select ${instance.key}, ${instance.platformId}, ${instance.instanceId}, ${instance.providerId},
      ${instance.organisationId}, ${instance.offeringId}, ${instance.planId},
      ${instance.upstreamId}, ${instance.upstreamServiceId}, ${instance.upstreamPlanId},
      ${instance.organizationGuid}, ${instance.spaceGuid}, ${context}, ${instance.parameters},
      ${instance.parametersDigest},
      ${instance.maintenanceVersion}, ${instance.state}, ${now}, ${now},
      ${instance.identityMac}
    from providers
    where id = ${instance.providerId} and state = 'active'
      and not exists (
        select from platforms where id = ${instance.platformId} and state = 'retired')
      and not exists (
        select from organisations where id = ${instance.organisationId} and state = 'retired')
    for key share
    on conflict do nothing
    returning array(select quotas.id from quotas where ${fallsUnder(instance)}) as quotas`.execute(
    tx,
  )
  return rows[0]?.quotas
}
