import { sql } from 'kysely'
import type { InstanceRef } from '../backends/backend.ts'
import type { DbOrTx, Tx } from '../db/database.ts'
import { run, statement, type Part } from '../db/parts.ts'
import type { NewOrphan } from './orphan.ts'

export function insertOrphan(id: string, orphan: NewOrphan, now: Date): Part {
  const {
    operation,
    resource: { instance, bindingId },
  } = orphan
  return statement`insert into orphans (
      id, platform_id, provider_id, operation_id, instance_id, binding_id,
      upstream_id, upstream_service_id, upstream_plan_id, upstream_binding_id,
      cause, next_retry_at, in_doubt_until, created_at, updated_at)
    select ${id}, ${operation.platformId}, ${operation.providerId}, ${operation.id},
      ${operation.instanceId}, ${operation.bindingId}, ${instance.instanceId},
      ${instance.serviceId}, ${instance.planId}, ${bindingId ?? null},
      ${orphan.cause}, ${orphan.nextRetryAt}, ${orphan.inDoubtUntil ?? null}, ${now}, ${now}
    where exists (select from gate)`
}

/** The organisation of the order that may have left it. */
export const organisationOfOrphan = sql<string | null>`(
  select instances.organisation_id
  from operations join instances on instances.id = operations.instance_key
  where operations.id = orphans.operation_id)`.as('organisation_id')

/**
 * After a delete: retained orphans of the deleted resource become due, and the bindings' orphans
 * went with their instance. Abandoned ones do not change: the provider was not asked about them.
 * @param upstreamBindingId  null: the instance itself was deleted
 * @param isGone  false: the provider did not confirm the delete, so the bindings have to be removed
 * one by one
 */
export function releaseOrphans(
  providerId: string,
  upstreamId: string,
  upstreamBindingId: string | null,
  isGone: boolean,
  now: Date,
): Part {
  return statement`
    update orphans set
      state = case when is_gone then 'removed' else state end,
      next_retry_at = case when is_gone then null else greatest(in_doubt_until, ${now}) end,
      ended_at = case when is_gone then ${now}::timestamptz end,
      fencing_token = fencing_token + 1, lease_until = null, updated_at = ${now}
    from (
      select
        id as open_id,
        ${isGone}::boolean and ${upstreamBindingId}::text is null
          and upstream_binding_id is not null as is_gone
      from orphans
      where provider_id = ${providerId} and upstream_id = ${upstreamId} and state = 'open'
        and (${upstreamBindingId}::text is null or upstream_binding_id = ${upstreamBindingId})
    ) as deleted
    where id = open_id and orphans.state = 'open'
      and (is_gone and cause <> 'abandoned' or cause = 'retained')
      and exists (select from gate)`
}

/** The open orphans of an instance's bindings. */
export async function listBindingOrphans(
  db: DbOrTx,
  providerId: string,
  upstreamId: string,
): Promise<Array<{ readonly instance: InstanceRef; readonly bindingId: string }>> {
  const rows = await run<{
    readonly upstream_id: string
    readonly upstream_service_id: string
    readonly upstream_plan_id: string
    readonly upstream_binding_id: string
  }>(
    db,
    statement`select upstream_id, upstream_service_id, upstream_plan_id, upstream_binding_id
      from orphans
      where upstream_id = ${upstreamId} and provider_id = ${providerId} and state = 'open'
        and upstream_binding_id is not null
      order by created_at`,
  )
  return rows.map((row) => ({
    instance: {
      instanceId: row.upstream_id,
      serviceId: row.upstream_service_id,
      planId: row.upstream_plan_id,
    },
    bindingId: row.upstream_binding_id,
  }))
}

/** Makes the retries of a provider's orphans due now, because the provider is back. */
export async function hastenOrphans(db: DbOrTx, providerId: string, now: Date): Promise<void> {
  await db
    .updateTable('orphans')
    .set({ next_retry_at: now })
    .where('provider_id', '=', providerId)
    .where('state', '=', 'open')
    .where('retries', '>', 0)
    .where('next_retry_at', '>', now)
    .execute()
}

/** How many orphans are open, at all providers. */
export async function countOpenOrphans(db: DbOrTx): Promise<number> {
  const row = await db
    .selectFrom('orphans')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  return row.count
}

/**
 * How many orphans prevent the removal of a provider. Abandoned ones do not: they wait for its
 * return.
 */
export async function countHinderingOrphans(tx: Tx, providerId: string): Promise<number> {
  const row = await tx
    .selectFrom('orphans')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('state', '=', 'open')
    .where('provider_id', '=', providerId)
    .where('cause', '!=', 'abandoned')
    .executeTakeFirstOrThrow()
  return row.count
}
