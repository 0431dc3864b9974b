import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import { assignments, run, Statement, statement, type Part } from '../db/parts.ts'
import type { Bindings } from '../db/schema.gen.ts'
import type { MayStore } from '../providers/binding-credentials.ts'
import type { VersionedValue } from '../vault/seal.ts'
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
  'result_version',
  'expires_at',
  'state',
  'created_at',
] as const

export const columnList = new Statement([columns.join(', ')], [])

export type Row = Pick<Selectable<Bindings>, (typeof columns)[number]>

export function fromRow(row: Row): Binding {
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
    resultVersion: row.result_version,
    expiresAt: row.expires_at,
    state: row.state as Binding['state'],
    createdAt: row.created_at,
  }
}

/** Of two of the same id, the database refuses the second: see `isLostRace`. */
export function insertBinding(binding: Binding): Part {
  return statement`insert into bindings (
      id, platform_id, binding_id, instance_key, upstream_id, predecessor_key, request,
      request_digest, state, created_at, updated_at)
    select ${binding.key}, ${binding.platformId}, ${binding.bindingId}, ${binding.instanceKey},
      ${binding.upstreamId}, ${binding.predecessorKey}, ${binding.request},
      ${binding.requestDigest}, ${binding.state}, ${binding.createdAt}, ${binding.createdAt}
    where exists (select from gate)`
}

/** With the version of its row, by which an order asserts that it has not changed since. */
export type VersionedBinding = Binding & { readonly version: string }

/** The live binding of a platform under the platform's own id, of any of its instances. */
export async function findBinding(
  db: DbOrTx,
  platformId: string,
  bindingId: string,
): Promise<VersionedBinding | undefined> {
  const [row] = await run<Row & { readonly version: string }>(
    db,
    statement`select ${columnList}, xmin::text as version from bindings
      where platform_id = ${platformId} and binding_id = ${bindingId} and deleted_at is null`,
  )
  return row && { ...fromRow(row), version: row.version }
}

/** Whether no live binding of the platform has that id. */
export function isBindingFree(platformId: string, bindingId: string): Statement {
  return statement`not exists (select from bindings
    where platform_id = ${platformId} and binding_id = ${bindingId} and deleted_at is null)`
}

/** A binding by its key, even if it is deleted. */
export async function findBindingByKey(
  db: DbOrTx,
  platformId: string,
  key: string,
): Promise<Binding | undefined> {
  const [row] = await run<Row>(
    db,
    statement`select ${columnList} from bindings
      where id = ${key} and platform_id = ${platformId}`,
  )
  return row === undefined ? undefined : fromRow(row)
}

/** Bindings of an instance by their keys, even if they are deleted. */
export async function listBindingsByKey(
  db: DbOrTx,
  platformId: string,
  instanceKey: string,
  keys: readonly string[],
): Promise<Binding[]> {
  const rows = await run<Row>(
    db,
    statement`select ${columnList} from bindings
      where id = any(${keys}::uuid[]) and platform_id = ${platformId}
        and instance_key = ${instanceKey}`,
  )
  return rows.map(fromRow)
}

export async function listLiveBindings(
  db: DbOrTx,
  platformId: string,
  instanceKey: string,
): Promise<Binding[]> {
  const rows = await run<Row>(
    db,
    statement`select ${columnList} from bindings
      where instance_key = ${instanceKey} and platform_id = ${platformId} and deleted_at is null
      order by created_at`,
  )
  return rows.map(fromRow)
}

export interface BindingChange {
  readonly state?: Binding['state']
  /** Written only if the binding's provider lets Kontor store credentials. */
  readonly result?: VersionedValue & { readonly provider: MayStore }
  readonly expiresAt?: Date
  /** When its credentials are to be replaced. */
  readonly renewAt?: Date
  readonly deletedAt?: Date
}

export function updateBinding(
  { key, platformId }: Pick<Binding, 'key' | 'platformId'>,
  { state, result, expiresAt, renewAt, deletedAt }: BindingChange,
  now: Date,
): Part {
  const set = assignments<Bindings>({
    state,
    result: result && statement`case when may_store then ${result.sealed}::bytea else result end`,
    result_version:
      result && statement`case when may_store then ${result.version}::int else result_version end`,
    expires_at: expiresAt,
    renew_at: renewAt,
    deleted_at: deletedAt,
    updated_at: now,
  })
  const from = result === undefined ? statement`` : statement`from (${result.provider}) as provider`
  return statement`update bindings set ${set} ${from}
    where bindings.id = ${key} and platform_id = ${platformId} and exists (select from gate)`
}

// What is deleted does not open any more if something puts it back.
function gone(now: Date) {
  return assignments<Bindings>({
    state: 'gone',
    result: null,
    result_version: statement`result_version + 1`,
    deleted_at: now,
    updated_at: now,
  })
}

/** Marks a binding as gone and drops its credentials. */
export function closeBinding(
  { key, platformId }: Pick<Binding, 'key' | 'platformId'>,
  now: Date,
): Part {
  return statement`update bindings set ${gone(now)}
    where id = ${key} and platform_id = ${platformId} and exists (select from gate)`
}

export function closeBindingsOf(platformId: string, instanceKey: string, now: Date): Part {
  return statement`update bindings set ${gone(now)}
    where instance_key = ${instanceKey} and platform_id = ${platformId} and deleted_at is null
      and exists (select from gate)`
}

/**
 * Deletes what the next bindings at a provider hold, in id order; skips rows that another
 * transaction has locked. `updated_at` stays: nothing changed at the provider.
 * @param after  id of the last binding of the batch before
 * @returns id of the last binding of this batch; undefined when it was empty
 */
export async function clearResults(
  tx: Tx,
  providerId: string,
  after: string | undefined,
  limit: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`/* planned anew */
    with batch as materialized (
      select bindings.id from bindings join instances on instances.id = bindings.instance_key
      where instances.provider_id = ${providerId} and bindings.result is not null
        and (${after ?? null}::uuid is null or bindings.id > ${after ?? null}::uuid)
      order by bindings.id limit ${limit} for no key update of bindings skip locked),
    cleared as (
      update bindings set result = null, result_version = result_version + 1
      where id in (select id from batch))
    select id from batch order by id desc limit 1`.execute(tx)
  return rows[0]?.id
}

/** Whether a binding at a provider holds something, locked or not. */
export async function areResultsLeft(tx: Tx, providerId: string): Promise<boolean> {
  const { rows } = await sql`/* planned anew */
    select from bindings join instances on instances.id = bindings.instance_key
    where instances.provider_id = ${providerId} and bindings.result is not null
    limit 1`.execute(tx)
  return rows.length > 0
}
