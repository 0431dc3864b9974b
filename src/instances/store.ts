import { sql, type Selectable } from 'kysely'
import { fallsUnder } from '../access/quotas/reserve-quota.ts'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Instances } from '../db/schema.gen.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { Instance } from './instance.ts'

export const columns = [
  'id',
  'platform_id',
  'instance_id',
  'provider_id',
  'organisation_id',
  'offering_id',
  'plan_id',
  'previous_plan_id',
  'upstream_id',
  'upstream_service_id',
  'upstream_plan_id',
  'organization_guid',
  'space_guid',
  'context',
  'parameters',
  'parameters_digest',
  'maintenance_version',
  'dashboard_url',
  'metadata',
  'extensions',
  'state',
  'usable',
  'created_at',
] as const

type Row = Pick<Selectable<Instances>, (typeof columns)[number]>

export function fromRow(row: Row): Instance {
  return {
    key: row.id,
    platformId: row.platform_id,
    instanceId: row.instance_id,
    providerId: row.provider_id,
    organisationId: row.organisation_id,
    offeringId: row.offering_id,
    planId: row.plan_id,
    previousPlanId: row.previous_plan_id,
    upstreamId: row.upstream_id,
    upstreamServiceId: row.upstream_service_id,
    upstreamPlanId: row.upstream_plan_id,
    organizationGuid: row.organization_guid,
    spaceGuid: row.space_guid,
    // both checked as objects before they were written
    context: row.context as Record<string, unknown> | null,
    metadata: row.metadata as InstanceMetadata | null,
    extensions: row.extensions,
    parameters: row.parameters,
    parametersDigest: row.parameters_digest,
    maintenanceVersion: row.maintenance_version,
    dashboardUrl: row.dashboard_url,
    state: row.state as Instance['state'],
    usable: row.usable,
    createdAt: row.created_at,
  }
}

// Written out, so that the partial index over unfinished operations is used.
const isBusy = sql<boolean>`exists (select from operations
  where operations.instance_key = instances.id and operations.state not in ('succeeded', 'failed'))`.as(
  'is_busy',
)

export type NewInstance = Omit<
  Instance,
  'previousPlanId' | 'dashboardUrl' | 'metadata' | 'extensions' | 'state' | 'usable' | 'createdAt'
>

/**
 * The provider's row is locked and looked at by the same statement, so that no order slips past a removal. Platform and
 * organisation are only looked at: who retires one of them keeps orders out meanwhile (`excludeOrders`).
 * @returns the ids of the quotas that it falls under, as the same statement finds them; undefined when the platform has a live
 * instance of that id, or provider, platform or organisation take no more orders
 */
export async function insertInstance(
  tx: Tx,
  instance: NewInstance,
  now: Date,
): Promise<readonly string[] | undefined> {
  const context = instance.context === null ? null : JSON.stringify(instance.context)
  const { rows } = await sql<{ readonly quotas: readonly string[] }>`insert into instances (
      id, platform_id, instance_id, provider_id, organisation_id, offering_id, plan_id,
      upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid,
      context, parameters, parameters_digest, maintenance_version, state, created_at, updated_at)
    select ${instance.key}, ${instance.platformId}, ${instance.instanceId}, ${instance.providerId},
      ${instance.organisationId}, ${instance.offeringId}, ${instance.planId},
      ${instance.upstreamId}, ${instance.upstreamServiceId}, ${instance.upstreamPlanId},
      ${instance.organizationGuid}, ${instance.spaceGuid}, ${context}, ${instance.parameters},
      ${instance.parametersDigest}, ${instance.maintenanceVersion}, 'provisioning', ${now}, ${now}
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

/** The live instance of a platform under the platform's own id, and whether an operation of it or its bindings is unfinished. */
export async function findInstance(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
): Promise<{ readonly instance: Instance; readonly isBusy: boolean } | undefined> {
  const row = await db
    .selectFrom('instances')
    .select(columns)
    .select(isBusy)
    .where('platform_id', '=', platformId)
    .where('instance_id', '=', instanceId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row === undefined ? undefined : { instance: fromRow(row), isBusy: row.is_busy }
}

/** An instance by our key, a deleted one too. */
export async function findInstanceByKey(
  db: DbOrTx,
  platformId: string,
  key: string,
): Promise<Instance | undefined> {
  const row = await db
    .selectFrom('instances')
    .select(columns)
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** Instances by our keys, deleted ones too, each only of its own platform; in no order. */
export async function listInstancesByKey(
  db: DbOrTx,
  whose: ReadonlyArray<{ readonly platformId: string; readonly key: string }>,
): Promise<Instance[]> {
  // The limit keeps it one look by the primary key for each, whatever the table held when this was planned.
  const { rows } = await sql<Row>`
    select instance.*
    from unnest(${whose.map(({ key }) => key)}::uuid[], ${whose.map(({ platformId }) => platformId)}::uuid[]) as asked (key, platform_id)
    cross join lateral (
      select ${sql.join(columns.map((column) => sql.ref(column)))} from instances
      where instances.id = asked.key and instances.platform_id = asked.platform_id limit 1
    ) as instance`.execute(db)
  return rows.map(fromRow)
}

export interface InstanceChange {
  readonly state?: Instance['state']
  readonly planId?: string
  readonly previousPlanId?: string
  readonly upstreamPlanId?: string
  readonly parameters?: Buffer
  /** true: what was ordered first can no longer be told from what holds now */
  readonly forgetDigest?: boolean
  readonly context?: Readonly<Record<string, unknown>>
  readonly maintenanceVersion?: string | null
  readonly dashboardUrl?: string | null
  readonly metadata?: InstanceMetadata
  readonly extensions?: Buffer
  readonly usable?: boolean
  /** Failed, and the provider may have it all the same: it holds its place in quotas. */
  readonly mayExist?: boolean
  readonly deletedAt?: Date
}

export async function updateInstance(
  tx: Tx,
  platformId: string,
  key: string,
  change: InstanceChange,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('instances')
    .set({
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(change.planId === undefined ? {} : { plan_id: change.planId }),
      ...(change.previousPlanId === undefined ? {} : { previous_plan_id: change.previousPlanId }),
      ...(change.upstreamPlanId === undefined ? {} : { upstream_plan_id: change.upstreamPlanId }),
      ...(change.parameters === undefined ? {} : { parameters: change.parameters }),
      ...(change.forgetDigest === true ? { parameters_digest: null } : {}),
      ...(change.context === undefined ? {} : { context: JSON.stringify(change.context) }),
      ...(change.maintenanceVersion === undefined
        ? {}
        : { maintenance_version: change.maintenanceVersion }),
      ...(change.dashboardUrl === undefined ? {} : { dashboard_url: change.dashboardUrl }),
      ...(change.metadata === undefined ? {} : { metadata: JSON.stringify(change.metadata) }),
      ...(change.extensions === undefined ? {} : { extensions: change.extensions }),
      ...(change.usable === undefined ? {} : { usable: change.usable }),
      ...(change.mayExist === undefined ? {} : { may_exist: change.mayExist }),
      // The parameters of an instance that is gone are of no use to anybody.
      ...(change.deletedAt === undefined ? {} : { deleted_at: change.deletedAt, parameters: null }),
      updated_at: now,
    })
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .execute()
}

/** How many live instances a provider has, over all platforms. For an operator, not for a platform. */
export async function countLiveInstances(tx: Tx, providerId: string): Promise<number> {
  const row = await tx
    .selectFrom('instances')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('provider_id', '=', providerId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** How many live instances a platform has. */
export async function countInstancesOfPlatform(tx: Tx, platformId: string): Promise<number> {
  const row = await tx
    .selectFrom('instances')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('platform_id', '=', platformId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** How many live instances there are for an organisation, over all platforms. For an operator. */
export async function countInstancesOfOrganisation(
  tx: Tx,
  organisationId: string,
): Promise<number> {
  const row = await tx
    .selectFrom('instances')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('organisation_id', '=', organisationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}
