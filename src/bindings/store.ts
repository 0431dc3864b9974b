import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Bindings } from '../db/schema.gen.ts'
import type { Binding } from './binding.ts'

export const columns = [
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

export function fromRow(row: Pick<Selectable<Bindings>, (typeof columns)[number]>): Binding {
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

/** The live binding of a platform under the platform's own id, of any of its instances. */
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

/** A binding by its key, even if it is deleted. */
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

/** Marks a binding as gone and drops its credentials. */
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

const hasResultOf = (providerId: string) => sql`bindings.result is not null and exists (
  select from instances
  where instances.id = bindings.instance_key and instances.provider_id = ${providerId})`

/**
 * Drops the credentials of some of a provider's bindings. Leaves `updated_at` as it is, for the
 * bindings themselves do not change, and skips locked rows.
 */
export async function clearResults(db: DbOrTx, providerId: string, limit: number): Promise<number> {
  const { rows } = await sql`/* planned anew */
    update bindings set result = null where id = any(array(
      select id from bindings where ${hasResultOf(providerId)} limit ${limit}
      for no key update skip locked
    )) returning 1`.execute(db)
  return rows.length
}

/** Whether Kontor stores the credentials of a binding at this provider. */
export async function hasResults(db: DbOrTx, providerId: string): Promise<boolean> {
  const { rows } = await sql`/* planned anew */
    select 1 from bindings where ${hasResultOf(providerId)} limit 1`.execute(db)
  return rows.length > 0
}
