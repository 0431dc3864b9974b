import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { organisationOfOrphan } from '../store.ts'

export interface OrphanFilter {
  readonly state?: string | undefined
  readonly cause?: string | undefined
  /** Name or id. */
  readonly provider?: string | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

// As in operations/operator/store.ts, for the operation that left it.
function isWithin(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`(
        providers.name = any(${scope.providers})
        or coalesce(
          (
            select instances.organisation_id
            from operations join instances on instances.id = operations.instance_key
            where operations.id = orphans.operation_id
          ),
          platforms.organisation_id
        ) = any(${scope.organisations}::uuid[]))`
}

// As in operations/operator/store.ts.
function isOfProvider(nameOrId: string) {
  const id = sql`(
    select id from providers where name = ${nameOrId} or id::text = ${nameOrId} limit 1)`
  return sql<boolean>`${id} is not null and orphans.provider_id = ${id}`
}

function selectViews(db: Db, scope: AccessScope) {
  return db
    .selectFrom('orphans')
    .innerJoin('providers', 'providers.id', 'orphans.provider_id')
    .innerJoin('platforms', 'platforms.id', 'orphans.platform_id')
    .select([
      'orphans.id',
      'orphans.state',
      'orphans.cause',
      'orphans.platform_id',
      'platforms.name as platform_name',
      'orphans.provider_id',
      'providers.name as provider_name',
      'orphans.operation_id',
      'orphans.instance_id',
      'orphans.binding_id',
      'orphans.upstream_id',
      'orphans.upstream_service_id',
      'orphans.upstream_plan_id',
      'orphans.upstream_binding_id',
      'orphans.fencing_token',
      'orphans.retries',
      'orphans.answer',
      'orphans.created_at',
      'orphans.updated_at',
      'orphans.next_retry_at',
      'orphans.lease_until',
      'orphans.in_doubt_until',
      'orphans.ended_at',
    ])
    .where(isWithin(scope))
    .select(organisationOfOrphan)
}

/** One orphan with the names around it. */
export type ViewRow = Awaited<ReturnType<typeof listViews>>[number]

/**
 * Orphans of all platforms within the scope, newest first (ids begin with the time). For operators,
 * not for platforms.
 */
export async function listViews(
  db: Db,
  scope: AccessScope,
  { state, cause, provider, before }: OrphanFilter,
  limit: number,
) {
  let query = selectViews(db, scope)
  // A literal: the planner uses the partial index of the open ones only if it sees its condition.
  if (state !== undefined) query = query.where('orphans.state', '=', sql.lit(state))
  if (cause !== undefined) query = query.where('orphans.cause', '=', cause)
  if (provider !== undefined) query = query.where(isOfProvider(provider))
  if (before !== undefined) query = query.where('orphans.id', '<', before)
  return query.orderBy('orphans.id', 'desc').limit(limit).execute()
}

export async function listViewsOf(
  db: Db,
  scope: AccessScope,
  operationId: string,
  limit: number,
): Promise<ViewRow[]> {
  return selectViews(db, scope)
    .where('orphans.operation_id', '=', operationId)
    .orderBy('orphans.id')
    .limit(limit)
    .execute()
}

export async function findView(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<ViewRow | undefined> {
  return selectViews(db, scope).where('orphans.id', '=', id).executeTakeFirst()
}

/**
 * @returns false when it has moved on since `seen`; else a process that holds a claim on it loses
 * it
 */
export async function changeOrphan(
  tx: Tx,
  seen: Pick<ViewRow, 'id' | 'fencing_token'>,
  change: { readonly state: 'open' | 'forgotten'; readonly nextRetryAt: Date | null },
  now: Date,
): Promise<boolean> {
  const result = await tx
    .updateTable('orphans')
    .set({
      state: change.state,
      fencing_token: sql`fencing_token + 1`,
      lease_until: null,
      next_retry_at: change.nextRetryAt,
      updated_at: now,
      ended_at: change.state === 'open' ? null : now,
    })
    .where('id', '=', seen.id)
    .where('fencing_token', '=', seen.fencing_token)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
