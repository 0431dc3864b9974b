// Which instances a reader may see, and which of these a list shows: parts of the statements of
// both lists, of instances and of bindings.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { AccessScope } from '../../../tenancy/principal.ts'
import type { InstanceState } from '../../../types.gen.ts'
import type { Requirement } from '../../labels/selector.ts'
import type { Db } from '../../../db/database.ts'
import { isUuid } from '../../../ids.ts'
import { isLabelled, keysOfFewLabelled } from '../../labels/store.ts'

export interface InstanceFilter {
  /** Absent: all that exist, in whatever state. */
  readonly state?: InstanceState | undefined
  /** Name or id, as the next three. */
  readonly offering?: string | undefined
  readonly plan?: string | undefined
  readonly platform?: string | undefined
  readonly provider?: string | undefined
  /** Ids of organisations: an organisation and those below it. */
  readonly organisations?: readonly string[] | undefined
  /** The platform's id. */
  readonly instanceId?: string | undefined
  /** All of which its labels have to meet. */
  readonly labels?: readonly Requirement[] | undefined
  /** Id of a person, or a text: who cares for it. */
  readonly owner?: string | undefined
  readonly costCentre?: string | undefined
  /** Part of a name, or the beginning of an id. */
  readonly q?: string | undefined
}

type Condition = RawBuilder<SqlBool>

/**
 * Whether an instance is of one of the scope's organisations (that of the order, else that of the
 * platform) or at one of its providers. Subqueries, so that any statement can hold it.
 */
export function isWithin(scope: AccessScope): Condition {
  if (scope === 'all') return sql<SqlBool>`true`
  return sql<SqlBool>`(${isOfOrganisations(scope.organisations)}
    or instances.provider_id in (
      select id from providers where name = any(${scope.providers}::text[])))`
}

/**
 * Whether the labels, the owner and the cost centre of an instance are for the reader. They are the
 * organisation's own, so that a provider sees the instance without them, and finds none by them.
 */
export function isDescriptionWithin(scope: AccessScope): Condition {
  return scope === 'all' ? sql<SqlBool>`true` : isOfOrganisations(scope.organisations)
}

function isOfOrganisations(ids: readonly string[]): Condition {
  return sql<SqlBool>`(
    instances.organisation_id = any(${ids}::uuid[])
    or (instances.organisation_id is null and instances.platform_id in (
      select id from platforms where organisation_id = any(${ids}::uuid[]))))`
}

function named(table: string, nameOrId: string): RawBuilder<unknown> {
  const isIt = isUuid(nameOrId) ? sql`id = ${nameOrId}::uuid` : sql`false`
  return sql`(select id from ${sql.table(table)} where name = ${nameOrId} or ${isIt})`
}

// The first part is looked up once, and with no such one nothing is read: the second alone would be
// asked of each instance.
function isOf(column: string, table: string, nameOrId: string): Condition {
  const ids = named(table, nameOrId)
  return sql<SqlBool>`(exists ${ids} and ${sql.ref(`instances.${column}`)} = any(array${ids}))`
}

// In a pattern of `like`, these characters stand for others.
const literally = (text: string) => text.replaceAll(/[\\%_]/g, String.raw`\$&`)

function isFound(q: string): Condition {
  const within = `%${literally(q)}%`
  return sql<SqlBool>`(
    instances.context->>'instance_name' ilike ${within}
    or starts_with(instances.instance_id, ${q})
    or starts_with(instances.upstream_id, ${q})
    or instances.id between ${idBeginning(q, '0')}::uuid and ${idBeginning(q, 'f')}::uuid
    or instances.offering_id = any(array(select id from offerings where name ilike ${within}))
    or instances.plan_id = any(array(select id from plans where name ilike ${within})))`
}

// The lowest or the highest id that begins with these digits; null: they begin no id.
function idBeginning(q: string, digit: '0' | 'f'): string | null {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{0,4}){0,3}(?:-[0-9a-f]{0,12})?$/i.test(q)
    ? q.replaceAll('-', '').slice(0, 32).padEnd(32, digit)
    : null
}

// Written out, not bound: the planner uses a partial index only if it sees its condition.
function isInState(state: InstanceState | undefined): Condition {
  if (state === undefined) return sql<SqlBool>`instances.deleted_at is null`
  if (state === 'gone') return sql<SqlBool>`instances.deleted_at is not null`
  return sql<SqlBool>`(instances.deleted_at is null and instances.state = ${state})`
}

// Those that are gone are not in the index of the platform's ids; each has operations.
function isKnownAs(instanceId: string, state: InstanceState | undefined): Condition {
  const isIt = sql<SqlBool>`instances.instance_id = ${instanceId}`
  return state === 'gone'
    ? sql<SqlBool>`(${isIt} and instances.id = any(array(
        select instance_key from operations where operations.instance_id = ${instanceId})))`
    : isIt
}

function isDescribed(condition: RawBuilder<unknown>): Condition {
  return sql<SqlBool>`coalesce((select ${condition} from instance_labels as described
    where described.instance_key = instances.id), false)`
}

/** All conditions of a filter but that of the organisations, which choose the streams. */
export function isWanted(filter: InstanceFilter): Condition {
  const { state, offering, plan, platform, provider, instanceId, q, labels } = filter
  const conditions: Condition[] = [isInState(state)]
  const add = (condition: Condition) => conditions.push(condition)
  if (offering !== undefined) add(isOf('offering_id', 'offerings', offering))
  if (plan !== undefined) add(isOf('plan_id', 'plans', plan))
  if (platform !== undefined) add(isOf('platform_id', 'platforms', platform))
  if (provider !== undefined) add(isOf('provider_id', 'providers', provider))
  if (instanceId !== undefined) add(isKnownAs(instanceId, state))
  if (q !== undefined) add(isFound(q))
  if (labels !== undefined) add(isLabelled(labels))
  const { owner, costCentre } = filter
  if (owner !== undefined)
    add(isDescribed(sql`(described.owner = ${owner} or described.owner_id::text = ${owner})`))
  if (costCentre !== undefined) add(isDescribed(sql`described.cost_centre = ${costCentre}`))
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

/**
 * Whether an instance has such a binding. A scalar subquery, looked up for each instance in turn:
 * `exists` would let the planner begin with all bindings.
 */
export function hasBinding(condition: RawBuilder<unknown>): Condition {
  return sql<SqlBool>`coalesce((select true from bindings
    where bindings.instance_key = instances.id and ${condition} limit 1), false)`
}

/** The rows of owners, which an index has in the order of owner and id. */
interface Stream {
  /** Its rows are the owners, as `owner (id)`. */
  readonly owners: RawBuilder<unknown>
  /** That names the owner of an instance. */
  readonly column: string
  /** Of the instance, in the same index; default: that of `instances`. */
  readonly key?: string
  /** What holds both, joined with the instances; default: these alone. */
  readonly from?: RawBuilder<unknown>
  /** What the index asks besides. */
  readonly condition?: Condition
}

const uuids = (ids: readonly string[]) => sql`unnest(${ids}::uuid[])`

/** Where the newest instances that fit are looked for; none: among all. */
export async function streamsOf(
  db: Db,
  scope: AccessScope,
  filter: InstanceFilter,
): Promise<readonly Stream[]> {
  const { organisations, labels } = filter
  // An id leads to one row, or to a few of platforms that chose the same.
  if (filter.instanceId !== undefined) return []
  if (organisations !== undefined) return ofOrganisations(organisations)
  if (scope !== 'all')
    return [
      ...ofOrganisations(scope.organisations),
      {
        owners: sql`(select id from providers where name = any(${scope.providers}::text[]))`,
        column: 'instances.provider_id',
      },
    ]
  const labelled = labels && (await keysOfFewLabelled(db, labels))
  if (labelled !== undefined) return [{ owners: labelled, column: 'instances.id' }]
  return streamsOfAll(filter)
}

function streamsOfAll(filter: InstanceFilter): readonly Stream[] {
  const { plan, offering, platform, provider, owner, costCentre } = filter
  if (owner !== undefined) {
    const asPerson = isUuid(owner) ? [described(sql`${owner}::uuid`, 'owner_id')] : []
    return [described(sql`${owner}::text`, 'owner'), ...asPerson]
  }
  if (costCentre !== undefined) return [described(sql`${costCentre}::text`, 'cost_centre')]
  if (plan !== undefined) return [{ owners: named('plans', plan), column: 'instances.plan_id' }]
  if (offering !== undefined) {
    const owners = sql`(select id from plans where offering_id in ${named('offerings', offering)})`
    return [{ owners, column: 'instances.plan_id' }]
  }
  if (platform !== undefined)
    return [{ owners: named('platforms', platform), column: 'instances.platform_id' }]
  if (provider !== undefined)
    return [{ owners: named('providers', provider), column: 'instances.provider_id' }]
  return []
}

function described(value: RawBuilder<unknown>, column: string): Stream {
  return {
    owners: sql`(values (${value}))`,
    column: `listed.${column}`,
    key: 'listed.instance_key',
    from: sql`instance_labels as listed join instances on instances.id = listed.instance_key`,
  }
}

function ofOrganisations(ids: readonly string[]): readonly Stream[] {
  return [
    { owners: uuids(ids), column: 'instances.organisation_id' },
    {
      owners: sql`(select id from platforms where organisation_id = any(${ids}::uuid[]))`,
      column: 'instances.platform_id',
      condition: sql<SqlBool>`instances.organisation_id is null`,
    },
  ]
}

export interface NewestPage {
  /** As `streamsOf` gives them for the same scope and filter. */
  readonly streams: readonly Stream[]
  readonly bound: Bound | undefined
  readonly limit: number
}

/** Up to which instance a page goes: to this one, or to the one before it. */
export interface Bound {
  readonly id: RawBuilder<unknown>
  readonly isIncluded: boolean
}

const newest: Bound = {
  id: sql`'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`,
  isIncluded: true,
}

/**
 * Ids of the newest instances that fit, for `array(...)`: at least the `limit` newest of all. Each
 * owner (an organisation, a platform, a plan ...) gives its newest from an index, so that the time
 * depends on what the reader has and not on what there is. The statement around it limits once
 * more.
 * @param more  what has to hold besides
 */
export function newestWithin(
  scope: AccessScope,
  filter: InstanceFilter,
  { streams, bound, limit }: NewestPage,
  more: Condition,
): RawBuilder<unknown> {
  const { id, isIncluded } = bound ?? newest
  const upTo = sql`${isIncluded ? sql`<=` : sql`<`}`
  const isSeen = isDescribedFor(scope, filter)
  const isFitting = sql<SqlBool>`${isWanted(filter)} and ${isSeen} and ${more}`
  if (streams.length === 0)
    return sql`(select instances.id from instances
      where ${isOwnedBy(scope, filter)} and ${isFitting} and instances.id ${upTo} ${id}
      order by instances.id desc limit ${limit})`
  // With `owner = ...` the planner takes the primary key where it thinks that many rows have the
  // same owner, and walks the whole table for an owner with few. These two conditions and this
  // order are what an index of owner and id has, and nothing else.
  const each = streams.map(({ owners, column, condition = sql<SqlBool>`true`, ...stream }) => {
    const owned = sql.ref(column)
    const key = sql.ref(stream.key ?? 'instances.id')
    return sql`(select newest.id from ${owners} as owner (id)
      cross join lateral (select instances.id from ${stream.from ?? sql`instances`}
        where ${owned} >= owner.id and (${owned}, ${key}) ${upTo} (owner.id, ${id})
          and ${condition} and ${isFitting}
        order by ${owned} desc, ${key} desc limit ${limit}) as newest)`
  })
  return sql`(${sql.join(each, sql` union all `)})`
}

/**
 * Whether an instance is within the scope and of one of the organisations of the filter, and may be
 * found by what the filter asks.
 */
export function isOwnedBy(scope: AccessScope, filter: InstanceFilter): Condition {
  const { organisations } = filter
  const isSeen = sql<SqlBool>`(${isWithin(scope)} and ${isDescribedFor(scope, filter)})`
  return organisations === undefined
    ? isSeen
    : sql<SqlBool>`(${isSeen} and ${isOfOrganisations(organisations)})`
}

function isDescribedFor(scope: AccessScope, filter: InstanceFilter): Condition {
  const { labels, owner, costCentre } = filter
  const isAsked = labels !== undefined || owner !== undefined || costCentre !== undefined
  return isAsked ? isDescriptionWithin(scope) : sql<SqlBool>`true`
}
