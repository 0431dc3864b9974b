// What a reconciliation reads of instances, over all platforms: an operator's view, never a platform's.
import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { Instance } from '../instance.ts'
import { columns, fromRow } from '../store.ts'

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
