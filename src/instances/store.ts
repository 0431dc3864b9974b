import { sql, type Selectable } from 'kysely'
import { fallsUnder } from '../access/quotas/reserve-quota.ts'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Instances } from '../db/schema.gen.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { Instance } from './instance.ts'

const columns = [
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

function fromRow(row: Row): Instance {
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
  const values = {
    id: instance.key,
    platform_id: instance.platformId,
    instance_id: instance.instanceId,
    provider_id: instance.providerId,
    offering_id: instance.offeringId,
    plan_id: instance.planId,
    upstream_id: instance.upstreamId,
    upstream_service_id: instance.upstreamServiceId,
    upstream_plan_id: instance.upstreamPlanId,
    organization_guid: instance.organizationGuid,
    space_guid: instance.spaceGuid,
    organisation_id: instance.organisationId,
    context: instance.context === null ? null : JSON.stringify(instance.context),
    parameters: instance.parameters,
    parameters_digest: instance.parametersDigest,
    maintenance_version: instance.maintenanceVersion,
    state: 'provisioning',
    created_at: now,
    updated_at: now,
  } as const
  const names = Object.keys(values) as Array<keyof typeof values> // just those that stand above
  const row = await tx
    .insertInto('instances')
    .columns(names)
    .expression((build) =>
      build
        .selectFrom('providers')
        .select(names.map((name) => sql`${values[name]}`.as(name)))
        .where('id', '=', instance.providerId)
        .where('state', '=', 'active')
        .where(
          sql<boolean>`not exists (select from platforms where id = ${instance.platformId} and state = 'retired')`,
        )
        .where(
          sql<boolean>`not exists (select from organisations where id = ${instance.organisationId} and state = 'retired')`,
        )
        .forKeyShare(),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(
      sql<string[]>`array(select quotas.id from quotas where ${fallsUnder(instance)})`.as('quotas'),
    )
    .executeTakeFirst()
  return row?.quotas
}

/** The live instance of a platform under the platform's own id. */
export async function findInstance(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
): Promise<Instance | undefined> {
  const row = await db
    .selectFrom('instances')
    .select(columns)
    .where('platform_id', '=', platformId)
    .where('instance_id', '=', instanceId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
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

/** An instance with nothing under way, and when its row last changed: a later change shows that an order came between. */
export interface IdleInstance {
  readonly instance: Instance
  readonly changedAt: Date
}

// Written out, so that the partial index over unfinished operations is used.
const isAtRest = sql<boolean>`instances.deleted_at is null and instances.state = 'ready' and not exists (
  select from operations where operations.instance_key = instances.id and operations.binding_key is null and operations.state not in ('succeeded', 'failed'))`

/** The ready instances of a provider on which nothing is under way, over all platforms, in the order of their keys. For an operator. */
export async function listIdleInstances(
  db: DbOrTx,
  providerId: string,
  after: string | undefined,
  limit: number,
): Promise<IdleInstance[]> {
  const rows = await db
    .selectFrom('instances')
    .select([...columns, 'updated_at'])
    .where('provider_id', '=', providerId)
    .where(isAtRest)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ instance: fromRow(row), changedAt: row.updated_at }))
}

/** One of them, if nothing is under way on it. For an operator. */
export async function findIdleInstance(db: DbOrTx, key: string): Promise<IdleInstance | undefined> {
  const row = await db
    .selectFrom('instances')
    .select([...columns, 'updated_at'])
    .where('id', '=', key)
    .where(isAtRest)
    .executeTakeFirst()
  return row === undefined ? undefined : { instance: fromRow(row), changedAt: row.updated_at }
}

/** Those of these instances on which nothing is under way now, over all platforms. For an operator. */
export async function findIdleInstances(
  db: DbOrTx,
  keys: readonly string[],
): Promise<Array<{ key: string; platformId: string; instanceId: string; changedAt: Date }>> {
  return db
    .selectFrom('instances')
    .select([
      'id as key',
      'platform_id as platformId',
      'instance_id as instanceId',
      'updated_at as changedAt',
    ])
    .where(sql<boolean>`id = any(${keys})`)
    .where(isAtRest)
    .execute()
}

/** What our rows, tombstones too, know of something at a provider. */
export interface KnownUpstream {
  readonly upstreamId: string
  readonly key: string
  readonly platformId: string
  readonly instanceId: string
  readonly bindingId: string | null
  readonly deletedAt: Date | null
  /** When the last thing was done to have it gone: its delete, or the removal of what its order had left. */
  readonly lastRemovalAt: Date | null
  /** An operation on it is not over, or it is known to be left behind and is to be removed. */
  readonly isBusy: boolean
}

/** Our instances behind these ids of a provider's, over all platforms. For an operator. */
export async function findInstancesByUpstream(
  db: DbOrTx,
  providerId: string,
  upstreamIds: readonly string[],
): Promise<KnownUpstream[]> {
  const rows = await db
    .selectFrom('instances')
    .select([
      'upstream_id as upstreamId',
      'id as key',
      'platform_id as platformId',
      'instance_id as instanceId',
      'deleted_at as deletedAt',
    ])
    .select([
      sql<boolean>`exists (select from operations where instance_key = instances.id and operations.state not in ('succeeded', 'failed'))
        or exists (select from orphans where orphans.upstream_id = instances.upstream_id and upstream_binding_id is null and orphans.state = 'open')`.as(
        'isBusy',
      ),
      sql<Date | null>`greatest(deleted_at, (select max(ended_at) from orphans where orphans.upstream_id = instances.upstream_id
        and upstream_binding_id is null and orphans.state = 'removed'))`.as('lastRemovalAt'),
    ])
    .where('provider_id', '=', providerId)
    .where(sql<boolean>`upstream_id = any(${upstreamIds})`)
    .execute()
  return rows.map((row) => ({ ...row, bindingId: null }))
}

/** Which of these instances are no longer ready, or gone. */
export async function listInstancesNotReady(
  db: DbOrTx,
  keys: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('instances')
    .select('id')
    .where(sql<boolean>`id = any(${keys})`)
    .where((where) =>
      where.or([where('deleted_at', 'is not', null), where('state', '!=', 'ready')]),
    )
    .execute()
  return rows.map((row) => row.id)
}
