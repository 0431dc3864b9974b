import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Providers } from '../db/schema.gen.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { MitigationValues } from './mitigation.ts'
import type { Provider } from './provider.ts'

const columns = [
  'id',
  'name',
  'display_name',
  'backend',
  'settings',
  'concurrency',
  'refresh_seconds',
  'reconcile_seconds',
  'store_binding_credentials',
  'mitigation',
  'mitigation_retain_hours',
  'state',
  'revision',
  'created_at',
] as const

function fromRow(row: Pick<Selectable<Providers>, (typeof columns)[number]>): Provider {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    backend: row.backend,
    // written only after a check against the back end's schema, which wants an object
    settings: row.settings as Record<string, unknown>,
    concurrency: row.concurrency,
    refreshSeconds: row.refresh_seconds,
    reconcileSeconds: row.reconcile_seconds,
    storeBindingCredentials: row.store_binding_credentials,
    mitigation: row.mitigation as Provider['mitigation'],
    mitigationRetainHours: row.mitigation_retain_hours,
    state: row.state as Provider['state'],
    revision: row.revision,
    createdAt: row.created_at,
  }
}

export interface ProviderValues extends MitigationValues {
  readonly name: string
  readonly displayName: string
  readonly backend: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Buffer
  readonly concurrency: number
  readonly refreshSeconds: number
  readonly reconcileSeconds: number
  readonly storeBindingCredentials: boolean
}

/**
 * Inserts a provider, or brings back a removed one of that name (its published ids are then the same as before).
 * @returns undefined when the name is taken
 */
export async function insertProvider(
  tx: Tx,
  id: string,
  values: ProviderValues,
  now: Date,
): Promise<Provider | undefined> {
  const row = await tx
    .insertInto('providers')
    .values({
      id,
      name: values.name,
      display_name: values.displayName,
      backend: values.backend,
      settings: JSON.stringify(values.settings),
      credentials: values.credentials,
      concurrency: values.concurrency,
      refresh_seconds: values.refreshSeconds,
      reconcile_seconds: values.reconcileSeconds,
      store_binding_credentials: values.storeBindingCredentials,
      mitigation: values.mitigation,
      mitigation_retain_hours: values.mitigationRetainHours,
      state: 'active',
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((set) => ({
          display_name: set.ref('excluded.display_name'),
          backend: set.ref('excluded.backend'),
          settings: set.ref('excluded.settings'),
          credentials: set.ref('excluded.credentials'),
          concurrency: set.ref('excluded.concurrency'),
          refresh_seconds: set.ref('excluded.refresh_seconds'),
          reconcile_seconds: set.ref('excluded.reconcile_seconds'),
          store_binding_credentials: set.ref('excluded.store_binding_credentials'),
          mitigation: set.ref('excluded.mitigation'),
          mitigation_retain_hours: set.ref('excluded.mitigation_retain_hours'),
          state: 'active',
          revision: sql`providers.revision + 1`,
          updated_at: now,
        }))
        .where('providers.state', '=', 'removed'),
    )
    .returning(columns)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export async function findProvider(db: DbOrTx, id: string): Promise<Provider | undefined> {
  const row = await db
    .selectFrom('providers')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** Whether a provider's row is within reach: by its name. */
function isWithin(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`providers.name = any(${scope.providers})`
}

/** As findProvider, for somebody who may not see all of them. */
export async function findProviderWithin(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<Provider | undefined> {
  const row = await db
    .selectFrom('providers')
    .select(columns)
    .where('id', '=', id)
    .where(isWithin(scope))
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** Makes changes of the provider, new instances and binds that settle wait until the transaction ends. */
export async function lockProvider(tx: Tx, id: string): Promise<Provider | undefined> {
  const row = await tx
    .selectFrom('providers')
    .select(columns)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export async function findProviderByName(db: DbOrTx, name: string): Promise<Provider | undefined> {
  const row = await db
    .selectFrom('providers')
    .select(columns)
    .where('name', '=', name)
    .where('state', '!=', 'removed')
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

/** The sealed credentials; null for a removed provider. */
export async function findCredentials(db: DbOrTx, id: string): Promise<Buffer | null> {
  const row = await db
    .selectFrom('providers')
    .select('credentials')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.credentials ?? null
}

export async function findStoresBindingCredentials(db: DbOrTx, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('providers')
    .select('store_binding_credentials')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.store_binding_credentials
}

/** Locks a provider against a change only; any number of transactions may hold this lock at a time. */
export async function lockStoresBindingCredentials(tx: Tx, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('providers')
    .select('store_binding_credentials')
    .where('id', '=', id)
    .forKeyShare()
    .executeTakeFirstOrThrow()
  return row.store_binding_credentials
}

export async function listProviders(db: DbOrTx, scope: AccessScope): Promise<Provider[]> {
  const rows = await db
    .selectFrom('providers')
    .select(columns)
    .where('state', '!=', 'removed')
    .where(isWithin(scope))
    .orderBy('created_at')
    .orderBy('name')
    .execute()
  return rows.map(fromRow)
}

export type ProviderChanges = Partial<Omit<ProviderValues, 'name' | 'backend'>>

export async function updateProvider(
  tx: Tx,
  id: string,
  changes: ProviderChanges,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('providers')
    .set({
      ...(changes.displayName === undefined ? {} : { display_name: changes.displayName }),
      ...(changes.settings === undefined ? {} : { settings: JSON.stringify(changes.settings) }),
      ...(changes.credentials === undefined ? {} : { credentials: changes.credentials }),
      ...(changes.concurrency === undefined ? {} : { concurrency: changes.concurrency }),
      ...(changes.refreshSeconds === undefined ? {} : { refresh_seconds: changes.refreshSeconds }),
      ...(changes.reconcileSeconds === undefined
        ? {}
        : { reconcile_seconds: changes.reconcileSeconds }),
      ...(changes.storeBindingCredentials === undefined
        ? {}
        : { store_binding_credentials: changes.storeBindingCredentials }),
      ...(changes.mitigation === undefined ? {} : { mitigation: changes.mitigation }),
      ...(changes.mitigationRetainHours === undefined
        ? {}
        : { mitigation_retain_hours: changes.mitigationRetainHours }),
      revision: sql`revision + 1`,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute()
}

/** A removed provider also forgets its credentials. */
export async function setProviderState(
  tx: Tx,
  id: string,
  state: 'draining' | 'removed',
  now: Date,
): Promise<void> {
  await tx
    .updateTable('providers')
    .set({
      state,
      revision: sql`revision + 1`,
      updated_at: now,
      ...(state === 'removed' ? { credentials: null } : {}),
    })
    .where('id', '=', id)
    .execute()
}

/** What one process knows of a provider's circuit. `until`: when the next call may be tried; null once it is closed. */
export interface CircuitRecord {
  readonly providerId: string
  readonly processId: string
  readonly state: 'open' | 'closed'
  readonly since: Date
  readonly until: Date | null
  readonly reason: string | null
}

export async function upsertCircuit(db: DbOrTx, record: CircuitRecord): Promise<void> {
  const values = {
    state: record.state,
    since: record.since,
    until: record.until,
    reason: record.reason,
    seen_at: sql<Date>`now()`,
  }
  await db
    .insertInto('provider_circuits')
    .values({ provider_id: record.providerId, process_id: record.processId, ...values })
    .onConflict((conflict) => conflict.columns(['provider_id', 'process_id']).doUpdateSet(values))
    .execute()
}

/** What a process that stops has open: it calls nobody any more. */
export async function deleteOpenCircuits(db: DbOrTx, processId: string): Promise<void> {
  await db
    .deleteFrom('provider_circuits')
    .where('process_id', '=', processId)
    .where('state', '=', 'open')
    .execute()
}

/** Of processes that have been gone for a day. */
export async function deleteOldCircuits(db: DbOrTx): Promise<void> {
  await db
    .deleteFrom('provider_circuits')
    .where(sql<boolean>`seen_at < now() - interval '1 day'`)
    .execute()
}

export interface CircuitSighting extends Omit<CircuitRecord, 'providerId' | 'processId'> {
  /** The wait is over. */
  readonly isDue: boolean
}

/** An open one that was not confirmed for `staleMs` was left by a process that died. */
export async function listCircuits(
  db: DbOrTx,
  providerId: string,
  staleMs: number,
): Promise<CircuitSighting[]> {
  const rows = await db
    .selectFrom('provider_circuits')
    .select([
      'state',
      'since',
      'until',
      'reason',
      sql<boolean>`coalesce(until <= now(), false)`.as('is_due'),
    ])
    .where('provider_id', '=', providerId)
    .where(
      sql<boolean>`(state = 'closed' or seen_at > now() - ${staleMs} * interval '1 millisecond')`,
    )
    .execute()
  return rows.map(({ state, is_due: isDue, ...row }) => ({
    ...row,
    state: state as CircuitRecord['state'],
    isDue,
  }))
}
