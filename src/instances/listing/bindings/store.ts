import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../../db/database.ts'
import type { AccessScope } from '../../../tenancy/principal.ts'
import type { BindingState } from '../../../types.gen.ts'
import { newestUnreadyBindings, rareExpiring, rareOperations } from '../rare-states/store.ts'
import {
  hasBinding,
  isOwnedBy,
  isWanted,
  isWithin,
  newestWithin,
  streamsOf,
  type InstanceFilter,
} from '../within/store.ts'

export interface BindingFilter {
  /** Absent: all that exist, in whatever state. */
  readonly state?: Exclude<BindingState, 'gone'> | undefined
  /** Kontor's id of the instance. */
  readonly instance?: string | undefined
  /** The platform's id. */
  readonly bindingId?: string | undefined
  /** Only those whose credentials end before this time. */
  readonly expiresBefore?: Date | undefined
  /** Only those that follow this one. */
  readonly before?: string | undefined
}

export interface BindingRow {
  readonly id: string
  readonly bindingId: string
  readonly instanceKey: string
  readonly instanceId: string
  readonly instanceName: string | null
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
  readonly predecessorId: string | null
  readonly operationId: string | null
  readonly operationKind: string | null
  readonly operationState: string | null
  readonly expiresAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

const view = sql`select bindings.id, bindings.binding_id as "bindingId",
    instances.id as "instanceKey", instances.instance_id as "instanceId",
    case when jsonb_typeof(instances.context->'instance_name') = 'string'
      then instances.context->>'instance_name' end as "instanceName",
    platforms.id as "platformId", platforms.name as "platformName",
    platforms.kind as "platformKind",
    providers.id as "providerId", providers.name as "providerName",
    coalesce(instances.organisation_id, platforms.organisation_id) as "organisationId",
    offerings.id as "offeringId", offerings.name as "offeringName",
    plans.id as "planId", plans.name as "planName",
    bindings.state, bindings.predecessor_key as "predecessorId",
    running.id as "operationId", running.kind as "operationKind",
    running.state as "operationState", bindings.expires_at as "expiresAt",
    bindings.created_at as "createdAt", bindings.updated_at as "updatedAt",
    bindings.deleted_at as "deletedAt"
  from bindings
  join instances on instances.id = bindings.instance_key
  join platforms on platforms.id = instances.platform_id
  join providers on providers.id = instances.provider_id
  join offerings on offerings.id = instances.offering_id
  join plans on plans.id = instances.plan_id
  left join lateral (select operations.id, operations.kind, operations.state from operations
    where operations.instance_key = instances.id and operations.binding_key = bindings.id
      and operations.state not in ('succeeded', 'failed')
    limit 1) as running on true`

function isWantedBinding(filter: BindingFilter): RawBuilder<SqlBool> {
  const { state, instance, bindingId, expiresBefore } = filter
  const conditions = [sql<SqlBool>`bindings.deleted_at is null`]
  const add = (condition: RawBuilder<SqlBool>) => conditions.push(condition)
  if (state !== undefined) add(sql<SqlBool>`bindings.state = ${state}`)
  if (instance !== undefined) add(sql<SqlBool>`bindings.instance_key = ${instance}::uuid`)
  if (bindingId !== undefined) add(sql<SqlBool>`bindings.binding_id = ${bindingId}`)
  if (expiresBefore !== undefined) add(sql<SqlBool>`bindings.expires_at < ${expiresBefore}`)
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

/**
 * The bindings within the scope: those of the newest instance first, and of one instance the newest
 * first. So the newest instances that have any lead to all that a page needs.
 */
export async function listBindingViews(
  db: Db,
  scope: AccessScope,
  instances: InstanceFilter,
  filter: BindingFilter,
  limit: number,
): Promise<BindingRow[]> {
  const { before, instance, bindingId } = filter
  const isWantedOne = isWantedBinding(filter)
  // Looked up within the scope: a foreign binding leads to the same as an unknown one.
  const last = sql`(select bindings.instance_key from bindings
    join instances on instances.id = bindings.instance_key
    where bindings.id = ${before ?? null}::uuid and ${isWithin(scope)})`
  const follows =
    before === undefined
      ? sql`true`
      : sql`(bindings.instance_key, bindings.id) < (${last}, ${before}::uuid)`
  const bound = before === undefined ? undefined : { id: last, isIncluded: true }
  const isBound = hasBinding(sql<SqlBool>`(${isWantedOne} and ${follows})`)
  const isOne = instance !== undefined || bindingId !== undefined
  const chosen = await choose()
  const { rows } = await sql<BindingRow>`/* planned anew */ ${view}
    where ${chosen} and ${isWantedOne} and ${follows} and ${isOwnedBy(scope, instances)}
    order by bindings.instance_key desc, bindings.id desc limit ${limit}`.execute(db)
  return rows

  async function choose(): Promise<RawBuilder<unknown>> {
    // One binding, those of one instance, or any of all: found without the instances.
    if (isOne) return isWanted(instances)
    const operations = await rareOperations(db, scope, instances, filter.state)
    if (operations !== undefined) {
      const isNext = sql<SqlBool>`(${isWantedOne} and ${follows})`
      const ids = newestUnreadyBindings(operations, instances, limit, isNext)
      return sql`bindings.id = any(array${ids})`
    }
    const expiring = await rareExpiring(db, scope, instances, filter.expiresBefore, 'id')
    if (expiring !== undefined)
      return sql`(bindings.id = any(array${expiring}) and ${isWanted(instances)})`
    if (isPlain(scope, instances)) return isWanted(instances)
    const page = { streams: await streamsOf(db, scope, instances), bound, limit }
    return sql`bindings.instance_key = any(array${newestWithin(scope, instances, page, isBound)})`
  }
}

function isPlain(scope: AccessScope, filter: InstanceFilter): boolean {
  return scope === 'all' && Object.values(filter).every((value) => value === undefined)
}

/** @param id  Kontor's; of a deleted one, too */
export async function findBindingView(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<BindingRow | undefined> {
  const { rows } = await sql<BindingRow>`${view}
    where bindings.id = ${id} and ${isWithin(scope)}`.execute(db)
  return rows[0]
}
