// What a reconciliation reads of instances, over all platforms: for an operator, never for a
// platform.
import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { Instance } from '../instance.ts'
import { columns, fromRow } from '../store.ts'

/**
 * An instance without an unfinished operation. `changedAt` shows later whether an order has come
 * between.
 */
export interface IdleInstance {
  readonly instance: Instance
  readonly changedAt: Date
}

// With the states written out, for bound values would keep Postgres from using the partial index.
const isIdle = sql<boolean>`instances.deleted_at is null and instances.state = 'ready'
  and not exists (select from operations
    where operations.instance_key = instances.id and operations.binding_key is null
      and operations.state not in ('succeeded', 'failed'))`

/** The idle ready instances of a provider, by key. */
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
    .where(isIdle)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ instance: fromRow(row), changedAt: row.updated_at }))
}

/** An instance, if it is ready and idle. */
export async function findIdleInstance(db: DbOrTx, key: string): Promise<IdleInstance | undefined> {
  const row = await db
    .selectFrom('instances')
    .select([...columns, 'updated_at'])
    .where('id', '=', key)
    .where(isIdle)
    .executeTakeFirst()
  return row === undefined ? undefined : { instance: fromRow(row), changedAt: row.updated_at }
}

/** Those of these instances that are ready and idle. */
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
    .where(isIdle)
    .execute()
}

/** What Kontor's rows, even deleted ones, know of an instance or binding at a provider. */
export interface KnownUpstream {
  readonly upstreamId: string
  readonly key: string
  readonly platformId: string
  readonly instanceId: string
  readonly bindingId: string | null
  readonly deletedAt: Date | null
  /** When it was last removed: by its delete, or as an orphan of its order. */
  readonly lastRemovalAt: Date | null
  /** Its operation is unfinished, or it is an orphan that is to be removed. */
  readonly isBusy: boolean
}

/** The instances with these provider's ids. */
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
      sql<boolean>`exists (select from operations
          where instance_key = instances.id and operations.state not in ('succeeded', 'failed'))
        or exists (select from orphans
          where orphans.upstream_id = instances.upstream_id and upstream_binding_id is null
            and orphans.state = 'open')`.as('isBusy'),
      sql<Date | null>`greatest(deleted_at, (select max(ended_at) from orphans
        where orphans.upstream_id = instances.upstream_id and upstream_binding_id is null
          and orphans.state = 'removed'))`.as('lastRemovalAt'),
    ])
    .where('provider_id', '=', providerId)
    .where(sql<boolean>`upstream_id = any(${upstreamIds})`)
    .execute()
  return rows.map((row) => ({ ...row, bindingId: null }))
}

/** Those of these instances that are deleted or no longer ready. */
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
