import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { newestUnready, rareExpiring, rareOperations } from './rare-states/store.ts'
import {
  hasBinding,
  isDescriptionWithin,
  isOwnedBy,
  isWithin,
  newestWithin,
  streamsOf,
  type InstanceFilter,
} from './within/store.ts'

export interface InstanceListFilter extends InstanceFilter {
  /** Only those with a binding whose credentials end before this time. */
  readonly expiresBefore?: Date | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

export interface InstanceRow {
  readonly id: string
  readonly instanceId: string
  readonly name: string | null
  readonly platformId: string
  readonly platformName: string
  readonly platformKind: string
  readonly providerId: string
  readonly providerName: string
  readonly organisationId: string | null
  readonly offeringId: string
  readonly offeringName: string
  readonly planId: string
  readonly planName: string
  readonly state: string
  readonly usable: boolean
  readonly bindings: number
  readonly operationId: string | null
  readonly operationKind: string | null
  readonly operationState: string | null
  readonly labels: Readonly<Record<string, string>> | null
  readonly ownerId: string | null
  /** As text. */
  readonly owner: string | null
  readonly costCentre: string | null
  readonly upstreamId: string
  readonly maintenanceVersion: string | null
  readonly dashboardUrl: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

// A name that is no text, such as an object, is left out.
const viewFor = (
  scope: AccessScope,
) => sql`select instances.id, instances.instance_id as "instanceId",
    case when jsonb_typeof(instances.context->'instance_name') = 'string'
      then instances.context->>'instance_name' end as name,
    platforms.id as "platformId", platforms.name as "platformName",
    platforms.kind as "platformKind",
    providers.id as "providerId", providers.name as "providerName",
    coalesce(instances.organisation_id, platforms.organisation_id) as "organisationId",
    offerings.id as "offeringId", offerings.name as "offeringName",
    plans.id as "planId", plans.name as "planName",
    instances.state, instances.usable,
    (select count(*)::int from bindings
      where bindings.instance_key = instances.id and bindings.deleted_at is null) as bindings,
    running.id as "operationId", running.kind as "operationKind",
    running.state as "operationState",
    described.labels, described.owner_id as "ownerId", described.owner,
    described.cost_centre as "costCentre", instances.upstream_id as "upstreamId",
    instances.maintenance_version as "maintenanceVersion",
    instances.dashboard_url as "dashboardUrl", instances.created_at as "createdAt",
    instances.updated_at as "updatedAt", instances.deleted_at as "deletedAt"
  from instances
  join platforms on platforms.id = instances.platform_id
  join providers on providers.id = instances.provider_id
  join offerings on offerings.id = instances.offering_id
  join plans on plans.id = instances.plan_id
  left join instance_labels as described
    on described.instance_key = instances.id and ${isDescriptionWithin(scope)}
  left join lateral (select operations.id, operations.kind, operations.state from operations
    where operations.instance_key = instances.id and operations.binding_key is null
      and operations.state not in ('succeeded', 'failed')
    limit 1) as running on true`

/** The newest instances within the scope, newest first (ids begin with the time). */
export async function listViews(
  db: Db,
  scope: AccessScope,
  filter: InstanceListFilter,
  limit: number,
): Promise<InstanceRow[]> {
  const { before, expiresBefore } = filter
  const bound = before === undefined ? undefined : { id: sql`${before}::uuid`, isIncluded: false }
  const expires =
    expiresBefore === undefined
      ? sql<boolean>`true`
      : hasBinding(sql`bindings.deleted_at is null and bindings.expires_at < ${expiresBefore}`)
  const newest = await choose()
  const { rows } = await sql<InstanceRow>`/* planned anew */ ${viewFor(scope)}
    where instances.id = any(array${newest})
      and ${isOwnedBy(scope, filter)}
    order by instances.id desc limit ${limit}`.execute(db)
  return rows

  async function choose(): Promise<RawBuilder<unknown>> {
    const operations = await rareOperations(db, scope, filter, filter.state)
    if (operations !== undefined)
      return newestUnready(operations, filter, { before, limit }, expires)
    const expiring = await rareExpiring(db, scope, filter, expiresBefore, 'instance_key')
    const streams =
      expiring === undefined
        ? await streamsOf(db, scope, filter)
        : [{ owners: expiring, column: 'instances.id' }]
    return newestWithin(scope, filter, { streams, bound, limit }, expires)
  }
}

/** @param id  Kontor's; of a deleted one, too */
export async function findView(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<InstanceRow | undefined> {
  const { rows } = await sql<InstanceRow>`${viewFor(scope)}
    where instances.id = ${id} and ${isWithin(scope)}`.execute(db)
  return rows[0]
}
