import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Bindings } from '../db/schema.gen.ts'
import type { KnownUpstream } from '../instances/idle.ts'
import type { Binding } from './binding.ts'

const columns = [
  'id',
  'platform_id',
  'binding_id',
  'instance_key',
  'upstream_id',
  'predecessor_key',
  'request',
  'request_digest',
  'result',
  'expires_at',
  'state',
  'created_at',
] as const

function fromRow(row: Pick<Selectable<Bindings>, (typeof columns)[number]>): Binding {
  return {
    key: row.id,
    platformId: row.platform_id,
    bindingId: row.binding_id,
    instanceKey: row.instance_key,
    upstreamId: row.upstream_id,
    predecessorKey: row.predecessor_key,
    request: row.request,
    requestDigest: row.request_digest,
    result: row.result,
    expiresAt: row.expires_at,
    state: row.state as Binding['state'],
    createdAt: row.created_at,
  }
}

export type NewBinding = Omit<Binding, 'result' | 'expiresAt' | 'state' | 'createdAt'>

/** @returns false when the platform has a live binding of that id */
export async function insertBinding(tx: Tx, binding: NewBinding, now: Date): Promise<boolean> {
  const row = await tx
    .insertInto('bindings')
    .values({
      id: binding.key,
      platform_id: binding.platformId,
      binding_id: binding.bindingId,
      instance_key: binding.instanceKey,
      upstream_id: binding.upstreamId,
      predecessor_key: binding.predecessorKey,
      request: binding.request,
      request_digest: binding.requestDigest,
      state: 'binding',
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The live binding of a platform under the platform's own id, whichever instance it belongs to. */
export async function findBinding(
  db: DbOrTx,
  platformId: string,
  bindingId: string,
): Promise<Binding | undefined> {
  const row = await db
    .selectFrom('bindings')
    .select(columns)
    .where('platform_id', '=', platformId)
    .where('binding_id', '=', bindingId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** A binding by our key, a deleted one too. */
export async function findBindingByKey(
  db: DbOrTx,
  platformId: string,
  key: string,
): Promise<Binding | undefined> {
  const row = await db
    .selectFrom('bindings')
    .select(columns)
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export async function listLiveBindings(
  db: DbOrTx,
  platformId: string,
  instanceKey: string,
): Promise<Binding[]> {
  const rows = await db
    .selectFrom('bindings')
    .select(columns)
    .where('instance_key', '=', instanceKey)
    .where('platform_id', '=', platformId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .execute()
  return rows.map(fromRow)
}

export interface BindingChange {
  readonly state?: Binding['state']
  readonly result?: Buffer
  readonly expiresAt?: Date
  readonly deletedAt?: Date
}

export async function updateBinding(
  tx: Tx,
  platformId: string,
  key: string,
  change: BindingChange,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('bindings')
    .set({
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(change.result === undefined ? {} : { result: change.result }),
      ...(change.expiresAt === undefined ? {} : { expires_at: change.expiresAt }),
      ...(change.deletedAt === undefined ? {} : { deleted_at: change.deletedAt }),
      updated_at: now,
    })
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .execute()
}

/** The credentials of a binding that is gone are of no use to anybody: they go with it. */
export async function closeBinding(
  tx: Tx,
  platformId: string,
  key: string,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('bindings')
    .set({ state: 'gone', result: null, deleted_at: now, updated_at: now })
    .where('id', '=', key)
    .where('platform_id', '=', platformId)
    .execute()
}

export async function closeBindingsOf(
  tx: Tx,
  platformId: string,
  instanceKey: string,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('bindings')
    .set({ state: 'gone', result: null, deleted_at: now, updated_at: now })
    .where('instance_key', '=', instanceKey)
    .where('platform_id', '=', platformId)
    .where('deleted_at', 'is', null)
    .execute()
}

const withResultAt = (providerId: string) => sql`bindings.result is not null and exists (
  select from instances where instances.id = bindings.instance_key and instances.provider_id = ${providerId})`

/** Drops what some bindings at a provider hold, but not when they changed: nothing did there. Leaves out what is locked. */
export async function clearResults(db: DbOrTx, providerId: string, limit: number): Promise<number> {
  const { rows } = await sql`/* planned anew */
    update bindings set result = null where id = any(array(select id from bindings where ${withResultAt(providerId)} limit ${limit} for no key update skip locked)) returning 1`.execute(
    db,
  )
  return rows.length
}

export async function hasResults(db: DbOrTx, providerId: string): Promise<boolean> {
  const { rows } =
    await sql`/* planned anew */ select 1 from bindings where ${withResultAt(providerId)} limit 1`.execute(
      db,
    )
  return rows.length > 0
}

/** A binding with nothing under way, and when its row last changed. */
export interface IdleBinding {
  readonly binding: Binding
  readonly changedAt: Date
}

// Written out, so that the partial index over unfinished operations is used.
const isAtRest = sql<boolean>`bindings.deleted_at is null and bindings.state = 'ready' and not exists (
  select from operations where operations.instance_key = bindings.instance_key and coalesce(operations.binding_key, bindings.id) = bindings.id
    and operations.state not in ('succeeded', 'failed'))`

/** The ready bindings of these instances on which nothing is under way, in the order of their keys. For an operator. */
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
    .where(isAtRest)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ binding: fromRow(row), changedAt: row.updated_at }))
}

/** One of them, if nothing is under way on it. For an operator. */
export async function findIdleBinding(db: DbOrTx, key: string): Promise<IdleBinding | undefined> {
  const row = await db
    .selectFrom('bindings')
    .select([...columns, 'updated_at'])
    .where('id', '=', key)
    .where(isAtRest)
    .executeTakeFirst()
  return row === undefined ? undefined : { binding: fromRow(row), changedAt: row.updated_at }
}

/** Those of these bindings on which nothing is under way now, over all platforms. For an operator. */
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
    .where(isAtRest)
    .execute()
}

/** Our bindings behind these ids of a provider's, over all platforms. For an operator. */
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
      sql<boolean>`exists (select from operations where operations.instance_key = bindings.instance_key
          and coalesce(operations.binding_key, bindings.id) = bindings.id and operations.state not in ('succeeded', 'failed'))
        or exists (select from orphans where orphans.upstream_id = instances.upstream_id
          and coalesce(upstream_binding_id, bindings.upstream_id) = bindings.upstream_id and orphans.state = 'open')`.as(
        'isBusy',
      ),
      sql<Date | null>`greatest(bindings.deleted_at, (select max(ended_at) from orphans where orphans.upstream_id = instances.upstream_id
        and coalesce(upstream_binding_id, bindings.upstream_id) = bindings.upstream_id and orphans.state = 'removed'))`.as(
        'lastRemovalAt',
      ),
    ])
    .where('instances.provider_id', '=', providerId)
    .where(sql<boolean>`bindings.upstream_id = any(${upstreamIds})`)
    .execute()
}

/** Which of these bindings are no longer ready, or gone. */
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
