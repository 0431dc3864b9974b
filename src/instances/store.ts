import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import { assignments, run, Statement, statement, type Part } from '../db/parts.ts'
import type { Instances } from '../db/schema.gen.ts'
import type { InstanceMetadata } from '../types.gen.ts'
import type { VersionedValue } from '../vault/seal.ts'
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
  'parameters_version',
  'parameters_digest',
  'maintenance_version',
  'dashboard_url',
  'metadata',
  'extensions',
  'extensions_version',
  'state',
  'usable',
  'created_at',
  'identity_mac',
] as const

const columnList = new Statement([columns.map((name) => `instances.${name}`).join(', ')], [])

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
    // both were validated as objects before they were written
    context: row.context as Record<string, unknown> | null,
    metadata: row.metadata as InstanceMetadata | null,
    extensions: row.extensions,
    extensionsVersion: row.extensions_version,
    parameters: row.parameters,
    parametersVersion: row.parameters_version,
    parametersDigest: row.parameters_digest,
    maintenanceVersion: row.maintenance_version,
    dashboardUrl: row.dashboard_url,
    state: row.state as Instance['state'],
    usable: row.usable,
    createdAt: row.created_at,
    identityMac: row.identity_mac,
  }
}

/** With the version of its row, by which an order asserts that it has not changed since. */
export type VersionedInstance = Instance & { readonly version: string }

/** What a query for an instance reads beside it. */
export interface Joined {
  /** Begins with a comma. */
  readonly columns: Statement
  readonly join: Statement
}

export interface FoundInstance {
  readonly instance: VersionedInstance
  /** Whether an operation of the instance or of one of its bindings is unfinished. */
  readonly isBusy: boolean
  /** With the columns of `Joined`. */
  readonly row: object
}

/** The live instance of a platform under the platform's own id; all of it as of one moment. */
export async function findInstance(
  db: DbOrTx,
  platformId: string,
  instanceId: string,
  { columns: more, join }: Joined = { columns: statement``, join: statement`` },
): Promise<FoundInstance | undefined> {
  // The version changes with each write of the row. The states are written out, for bound values
  // would keep Postgres from using the partial index.
  const [row] = await run<Row & { readonly version: string; readonly is_busy: boolean }>(
    db,
    statement`select ${columnList}, instances.xmin::text as version,
        exists (select from operations where operations.instance_key = instances.id
          and operations.state not in ('succeeded', 'failed')) as is_busy${more}
      from instances ${join}
      where instances.platform_id = ${platformId} and instances.instance_id = ${instanceId}
        and instances.deleted_at is null`,
  )
  return row && { instance: { ...fromRow(row), version: row.version }, isBusy: row.is_busy, row }
}

/** An instance by its key, even if it is deleted. */
export async function findInstanceByKey(
  db: DbOrTx,
  platformId: string,
  key: string,
): Promise<VersionedInstance | undefined> {
  const row = await db
    .selectFrom('instances')
    .select(columns)
    .select(sql<string>`xmin::text`.as('version'))
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .executeTakeFirst()
  return row && { ...fromRow(row), version: row.version }
}

/** Instances by their keys, even if they are deleted, in any order. */
export async function listInstancesByKey(
  db: DbOrTx,
  keys: ReadonlyArray<{ readonly platformId: string; readonly key: string }>,
): Promise<Instance[]> {
  // The limit keeps the plan at one look-up by primary key for each, even if it was made while the
  // table was empty.
  const rows = await run<Row>(
    db,
    statement`select instance.*
    from unnest(
      ${keys.map(({ key }) => key)}::uuid[],
      ${keys.map(({ platformId }) => platformId)}::uuid[]) as wanted (key, platform_id)
    cross join lateral (
      select ${columnList} from instances
      where instances.id = wanted.key and instances.platform_id = wanted.platform_id limit 1
    ) as instance`,
  )
  return rows.map(fromRow)
}

export interface InstanceChange {
  readonly state?: Instance['state']
  readonly planId?: string
  readonly previousPlanId?: string
  readonly upstreamPlanId?: string
  readonly parameters?: VersionedValue
  /**
   * true: the first order can no longer be compared with the instance, for an update has changed
   * its parameters
   */
  readonly forgetDigest?: boolean
  readonly context?: Readonly<Record<string, unknown>>
  readonly maintenanceVersion?: string | null
  readonly dashboardUrl?: string
  readonly metadata?: InstanceMetadata
  readonly extensions?: VersionedValue
  readonly usable?: boolean
  /** true: it failed, but may exist at the provider, so it goes on counting in quotas */
  readonly mayExist?: boolean
  readonly deletedAt?: Date
}

export function updateInstance(
  { key, platformId }: Pick<Instance, 'key' | 'platformId'>,
  change: InstanceChange,
  now: Date,
): Part {
  const isDeleted = change.deletedAt !== undefined
  const set = assignments<Instances>({
    state: change.state,
    plan_id: change.planId,
    previous_plan_id: change.previousPlanId,
    upstream_plan_id: change.upstreamPlanId,
    // No one needs the parameters of a deleted instance.
    parameters: isDeleted ? null : change.parameters?.sealed,
    parameters_version: isDeleted ? statement`parameters_version + 1` : change.parameters?.version,
    parameters_digest: change.forgetDigest === true ? null : undefined,
    context: change.context && JSON.stringify(change.context),
    maintenance_version: change.maintenanceVersion,
    dashboard_url: change.dashboardUrl,
    metadata: change.metadata && JSON.stringify(change.metadata),
    extensions: change.extensions?.sealed,
    extensions_version: change.extensions?.version,
    usable: change.usable,
    may_exist: change.mayExist,
    deleted_at: change.deletedAt,
    updated_at: now,
  })
  return statement`update instances set ${set}
    where id = ${key} and platform_id = ${platformId} and exists (select from gate)`
}

/**
 * The number of live instances of a provider, over all platforms: for an operator, not for a
 * platform.
 */
export async function countLiveInstances(tx: Tx, providerId: string): Promise<number> {
  const row = await tx
    .selectFrom('instances')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('provider_id', '=', providerId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** The number of live instances of a platform. */
export async function countInstancesOfPlatform(tx: Tx, platformId: string): Promise<number> {
  const row = await tx
    .selectFrom('instances')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('platform_id', '=', platformId)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** The number of live instances of an organisation, over all platforms: for an operator. */
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
