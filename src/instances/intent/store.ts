// The row of a new instance, written with the operation that provisions it.
import { fallsUnder } from '../../access/quotas/reserve-quota.ts'
import type { Db, Tx } from '../../db/database.ts'
import { run, statement, writeTogether, type Part, type Statement } from '../../db/parts.ts'
import type { Instance } from '../instance.ts'

/**
 * The statement locks the provider's row while it reads it, so that a removal of the provider waits
 * for the order, or the order sees it. Platform and organisation are only read: retiring one of
 * them keeps orders out meanwhile (`excludeOrders`).
 */
function rowOf(instance: Instance, now: Date, condition: Statement): Statement {
  const context = instance.context === null ? null : JSON.stringify(instance.context)
  return statement`insert into instances (
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
    where id = ${instance.providerId} and state = 'active' and ${condition}
      and not exists (
        select from platforms where id = ${instance.platformId} and state = 'retired')
      and not exists (
        select from organisations where id = ${instance.organisationId} and state = 'retired')
    for key share
    on conflict do nothing`
}

/**
 * @returns the ids of the quotas that the instance falls under; undefined when the platform has a
 * live instance of that id, or provider, platform or organisation take no more orders
 */
export async function insertInstance(
  tx: Tx,
  instance: Instance,
  now: Date,
): Promise<readonly string[] | undefined> {
  const [row] = await run<{ readonly quotas: readonly string[] }>(
    tx,
    statement`${rowOf(instance, now, statement`true`)}
      returning array(select quotas.id from quotas where ${fallsUnder(instance)}) as quotas`,
  )
  return row?.quotas
}

/**
 * The same with all that the order writes, in one statement. It writes nothing of an instance that
 * falls under a quota, because quotas are reserved in a transaction.
 * @returns `not_written` where `insertInstance` returns undefined
 */
export async function insertUnlimited(
  db: Db,
  instance: Instance,
  now: Date,
  parts: readonly Part[],
): Promise<'written' | 'not_written' | 'under_quota'> {
  const isUnderQuota = statement`exists (select from quotas where ${fallsUnder(instance)})`
  const gate = statement`${rowOf(instance, now, statement`not ${isUnderQuota}`)} returning id`
  const row = await writeTogether<{ readonly outcome: 'written' | 'not_written' | 'under_quota' }>(
    db,
    gate,
    parts,
    statement`select case
      when exists (select from gate) then 'written'
      when ${isUnderQuota} then 'under_quota' else 'not_written' end as outcome`,
  )
  return row?.outcome ?? 'not_written'
}
