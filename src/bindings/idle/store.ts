// What a reconciliation reads of bindings, over all platforms: for an operator, never for a
// platform.
import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { KnownUpstream } from '../../instances/idle.ts'
import type { Binding } from '../binding.ts'
import { columns, fromRow } from '../store.ts'

/**
 * A binding without an unfinished operation. `changedAt` shows later whether an order has come
 * between.
 */
export interface IdleBinding {
  readonly binding: Binding
  readonly changedAt: Date
}

// With the states written out, for bound values would keep Postgres from using the partial index.
const isIdle = sql<boolean>`bindings.deleted_at is null and bindings.state = 'ready'
  and not exists (select from operations
    where operations.instance_key = bindings.instance_key
      and coalesce(operations.binding_key, bindings.id) = bindings.id
      and operations.state not in ('succeeded', 'failed'))`

/** The idle ready bindings of these instances, by key. */
export async function listIdleBindings(
  db: DbOrTx,
  instanceKeys: readonly string[],
  after: string | undefined,
  limit: number,
): Promise<IdleBinding[]> {
  const rows = await db
    .selectFrom('bindings')
    .select([...columns, 'updated_at'])
    .where(sql<boolean>`instance_key = any(${instanceKeys})`)
    .where(isIdle)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ binding: fromRow(row), changedAt: row.updated_at }))
}

/** A binding, if it is ready and idle. */
export async function findIdleBinding(db: DbOrTx, key: string): Promise<IdleBinding | undefined> {
  const row = await db
    .selectFrom('bindings')
    .select([...columns, 'updated_at'])
    .where('id', '=', key)
    .where(isIdle)
    .executeTakeFirst()
  return row === undefined ? undefined : { binding: fromRow(row), changedAt: row.updated_at }
}

/** Those of these bindings that are ready and idle. */
export async function findIdleBindings(
  db: DbOrTx,
  keys: readonly string[],
): Promise<
  Array<{ key: string; platformId: string; instanceId: string; bindingId: string; changedAt: Date }>
> {
  return db
    .selectFrom('bindings')
    .innerJoin('instances', 'instances.id', 'bindings.instance_key')
    .select([
      'bindings.id as key',
      'bindings.platform_id as platformId',
      'instances.instance_id as instanceId',
      'bindings.binding_id as bindingId',
      'bindings.updated_at as changedAt',
    ])
    .where(sql<boolean>`bindings.id = any(${keys})`)
    .where(isIdle)
    .execute()
}

/** The bindings with these provider's ids. */
export async function findBindingsByUpstream(
  db: DbOrTx,
  providerId: string,
  upstreamIds: readonly string[],
): Promise<KnownUpstream[]> {
  return db
    .selectFrom('bindings')
    .innerJoin('instances', 'instances.id', 'bindings.instance_key')
    .select([
      'bindings.upstream_id as upstreamId',
      'bindings.id as key',
      'bindings.platform_id as platformId',
      'instances.instance_id as instanceId',
      'bindings.binding_id as bindingId',
      'bindings.deleted_at as deletedAt',
    ])
    .select([
      sql<boolean>`exists (select from operations
          where operations.instance_key = bindings.instance_key
            and coalesce(operations.binding_key, bindings.id) = bindings.id
            and operations.state not in ('succeeded', 'failed'))
        or exists (select from orphans
          where orphans.upstream_id = instances.upstream_id
            and coalesce(upstream_binding_id, bindings.upstream_id) = bindings.upstream_id
            and orphans.state = 'open')`.as('isBusy'),
      sql<Date | null>`greatest(bindings.deleted_at, (select max(ended_at) from orphans
        where orphans.upstream_id = instances.upstream_id
          and coalesce(upstream_binding_id, bindings.upstream_id) = bindings.upstream_id
          and orphans.state = 'removed'))`.as('lastRemovalAt'),
    ])
    .where('instances.provider_id', '=', providerId)
    .where(sql<boolean>`bindings.upstream_id = any(${upstreamIds})`)
    .execute()
}

/** Those of these bindings that are deleted or no longer ready. */
export async function listBindingsNotReady(db: DbOrTx, keys: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('bindings')
    .select('id')
    .where(sql<boolean>`id = any(${keys})`)
    .where((where) =>
      where.or([where('deleted_at', 'is not', null), where('state', '!=', 'ready')]),
    )
    .execute()
  return rows.map((row) => row.id)
}
