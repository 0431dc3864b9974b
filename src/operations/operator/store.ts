import { sql, type RawBuilder } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { isFinished, nextStates, type OperationState } from '../states.ts'
import { stuck } from './stuck.ts'

export interface OperationFilter {
  /** A state, or every unfinished one, or the stuck ones. */
  readonly state?: OperationState | 'unfinished' | 'stuck' | undefined
  readonly kind?: string | undefined
  /** Name or id. */
  readonly provider?: string | undefined
  /** Name or id. */
  readonly platform?: string | undefined
  /** The platform's id. */
  readonly instanceId?: string | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

// Literals, not values: the planner uses the partial index only if it sees its condition. The
// states are named, too: otherwise it takes a part of the failed operations for unfinished, and
// where many failed it walks all.
const states = Object.keys(nextStates) as OperationState[]
const unfinished = states.filter((state) => !isFinished(state)).map((state) => sql.lit(state))
const isUnfinished = sql<boolean>`(operations.state not in ('succeeded', 'failed')
  and operations.state in (${sql.join(unfinished)}))`

function isStuck(now: Date) {
  const overdue = new Date(now.getTime() - stuck.overdueMs)
  return sql<boolean>`${isUnfinished} and operations.state <> 'parked' and (
    coalesce(operations.lease_until, operations.next_step_at) <= ${overdue}
    or operations.deadline_at <= ${now}
    or operations.retries >= ${sql.lit(stuck.retries)}
    or operations.internal_errors >= ${sql.lit(stuck.internalErrors)})`
}

function isInState(state: NonNullable<OperationFilter['state']>, now: Date) {
  if (state === 'unfinished') return isUnfinished
  if (state === 'stuck') return isStuck(now)
  const isIt = sql<boolean>`operations.state = ${sql.lit(state)}`
  return state === 'succeeded' || state === 'failed'
    ? isIt
    : sql<boolean>`${isIt} and ${isUnfinished}`
}

// A subquery, so that it is looked up once and not compared with each row. `is not null` reads no
// row when there is no such one: a comparison with null alone would walk all of them.
function isOf(whose: 'provider' | 'platform', nameOrId: string) {
  const id =
    whose === 'provider'
      ? sql`(select id from providers where name = ${nameOrId} or id::text = ${nameOrId} limit 1)`
      : sql`(select id from platforms where name = ${nameOrId} or id::text = ${nameOrId} limit 1)`
  const column = sql.ref(`operations.${whose}_id`)
  return sql<boolean>`${id} is not null and ${column} = ${id}`
}

// At one of these providers, or ordered for one of these organisations: that of the order, else
// that of the platform.
function isWithin(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`(
        providers.name = any(${scope.providers})
        or coalesce(instances.organisation_id, platforms.organisation_id)
          = any(${scope.organisations}::uuid[]))`
}

// Operations of 0.2 do not name their plan.
const planKey = sql<string>`coalesce(operations.plan_id, instances.plan_id)`

// A subquery for each row of the page. A join would let the planner read all operations first.
const nameOf = (table: 'offerings' | 'plans', id: RawBuilder<unknown>) =>
  sql<string>`(select name from ${sql.table(table)} as named where named.id = ${id})`

function selectViews(db: DbOrTx, scope: AccessScope, now: Date) {
  return db
    .selectFrom('operations')
    .innerJoin('instances', 'instances.id', 'operations.instance_key')
    .leftJoin('bindings', 'bindings.id', 'operations.binding_key')
    .innerJoin('providers', 'providers.id', 'operations.provider_id')
    .innerJoin('platforms', 'platforms.id', 'operations.platform_id')
    .select([
      'operations.id',
      'operations.kind',
      'operations.state',
      'operations.platform_id',
      'platforms.name as platform_name',
      'operations.provider_id',
      'providers.name as provider_name',
      'operations.instance_id',
      'operations.binding_id',
      'instances.offering_id',
      nameOf('offerings', sql.ref('instances.offering_id')).as('offering_name'),
      planKey.as('plan_id'),
      nameOf('plans', planKey).as('plan_name'),
      'instances.upstream_id',
      'instances.upstream_service_id',
      'instances.upstream_plan_id',
      'bindings.upstream_id as upstream_binding_id',
      'operations.fencing_token',
      'operations.retries',
      'operations.internal_errors',
      'operations.accepts_incomplete',
      'operations.description',
      'operations.refusal',
      'operations.request_identity',
      'operations.created_at',
      'operations.updated_at',
      'operations.next_step_at',
      'operations.lease_until',
      'operations.in_doubt_until',
      'operations.deadline_at',
      'operations.finished_at',
    ])
    .select(isStuck(now).as('is_stuck'))
    .where(isWithin(scope))
}

/** One operation with the names and ids around it. */
export type ViewRow = Awaited<ReturnType<typeof listViews>>[number]

/**
 * Operations of all platforms within the scope, newest first (ids begin with the time). For
 * operators, not for platforms.
 */
export async function listViews(
  db: Db,
  scope: AccessScope,
  filter: OperationFilter,
  limit: number,
  now: Date,
) {
  const { state, kind, provider, platform, instanceId, before } = filter
  let query = selectViews(db, scope, now)
  if (state !== undefined) query = query.where(isInState(state, now))
  if (kind !== undefined) query = query.where('operations.kind', '=', kind)
  if (provider !== undefined) query = query.where(isOf('provider', provider))
  if (platform !== undefined) query = query.where(isOf('platform', platform))
  if (instanceId !== undefined) query = query.where('operations.instance_id', '=', instanceId)
  if (before !== undefined) query = query.where('operations.id', '<', before)
  return query.orderBy('operations.id', 'desc').limit(limit).execute()
}

export async function findView(
  db: Db,
  scope: AccessScope,
  id: string,
  now: Date,
): Promise<ViewRow | undefined> {
  return selectViews(db, scope, now).where('operations.id', '=', id).executeTakeFirst()
}

/**
 * Resumes an operation that `seizeOperation` has taken. One whose time is over gets the same time
 * once more.
 */
export async function resumeOperation(
  tx: Tx,
  id: string,
  fencingToken: number,
  to: {
    readonly state: OperationState
    readonly inDoubtUntil: Date | null
    readonly description: string | null
    readonly wasParked: boolean
  },
  now: Date,
): Promise<void> {
  await tx
    .updateTable('operations')
    .set({
      state: to.state,
      retries: 0,
      internal_errors: 0,
      next_step_at: now,
      in_doubt_until: to.inDoubtUntil,
      description: to.description,
      // The time that it was parked says nothing about the usual duration.
      sent_at: to.wasParked ? null : sql<Date>`sent_at`,
      deadline_at: sql<Date>`case
        when deadline_at <= ${now} then ${now}::timestamptz + (deadline_at - created_at)
        else deadline_at end`,
      updated_at: now,
    })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .execute()
}
